/** The interpreter of hydration steps: one after the other, each a script, each with its files to set things by. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Layout } from "../layout.ts";
import type { Journal } from "../journal.ts";
import type { Masker } from "../mask/masker.ts";
import type { PhaseResult } from "../phases.ts";
import type { StepState } from "../environment.ts";
import type { StoredStepState } from "../step-state.ts";
import type { HydrateStep, ScriptPhase } from "./script-phase.ts";
import type { Units } from "../units.ts";
import { parseEnvFile } from "./env-file.ts";

export type HydrateDeps = {
  readonly layout: Layout;
  readonly tmp: string;
  readonly tree: string;
  readonly units: Units;
  readonly journal: Journal;
  readonly masker: Masker;
  readonly environment: (state: StepState) => Record<string, string>;
  readonly sandbox: () => string[];
  readonly store: (state: StoredStepState) => void;
  readonly forget: () => void;
  readonly isRefusedName: (name: string) => boolean;
};

/** Bytes of one GITHUB_ENV or GITHUB_PATH file; GitHub's own limits are of the same size. */
const ENV_FILE_MAX_BYTES = 1024 * 1024;

/** Runs all steps; the first that fails ends the hydration. What they set is stored under the plan's fingerprint. */
export async function hydrate(deps: HydrateDeps, phase: ScriptPhase): Promise<PhaseResult> {
  deps.forget();
  let state: StepState = { env: {}, path: [] };
  for (const [index, step] of phase.steps.entries()) {
    const number = index + 1;
    deps.journal.event({ e: "step", n: number, name: step.name, at: "begin" });
    const began = performance.now();
    const end = (outcome: "success" | "failure", code?: number): void =>
      deps.journal.event({
        e: "step",
        n: number,
        name: step.name,
        at: "end",
        outcome,
        conclusion: outcome,
        ms: Math.round(performance.now() - began),
        ...(code === undefined ? {} : { code }),
      });
    const failed = (error: string, code?: number): PhaseResult => {
      end("failure", code);
      return deps.units.isStopped
        ? { failed: true }
        : {
            failed: true,
            exit: { why: "hydrate_failed", step: step.name, error, ...(code === undefined ? {} : { code }) },
          };
    };
    const ran = await runStep(deps, step, number, state);
    if ("error" in ran) return failed(ran.error, ran.code);
    state = ran.state;
    end("success", 0);
  }
  deps.store({ fingerprint: phase.fingerprint, path: state.path, env: withoutSecrets(deps, state.env) });
  return {};
}

type Ran = { readonly state: StepState } | { readonly error: string; readonly code?: number };

async function runStep(deps: HydrateDeps, step: HydrateStep, number: number, state: StepState): Promise<Ran> {
  const cwd = join(deps.tree, step.workingDirectory);
  if (!existsSync(cwd)) return { error: `working directory not found: ${step.workingDirectory}` };
  const files = join(deps.tmp, `step-${number}`);
  mkdirSync(files, { recursive: true });
  const at = {
    script: join(files, "script"),
    env: join(files, "env"),
    path: join(files, "path"),
    output: join(files, "output"),
  };
  writeFileSync(at.script, step.run.endsWith("\n") ? step.run : `${step.run}\n`, { mode: 0o700 });
  for (const file of [at.env, at.path, at.output]) writeFileSync(file, "");
  const argv =
    step.shell === "bash"
      ? ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", at.script]
      : ["sh", "-e", at.script];
  const env = {
    ...deps.environment(state),
    ...step.env,
    GITHUB_ENV: at.env,
    GITHUB_PATH: at.path,
    GITHUB_OUTPUT: at.output,
  };
  const end = await deps.units.run({ step: number, argv, cwd, env, sandbox: deps.sandbox() }, step.timeoutMs);
  if (end.timedOut === true) return { error: `the step did not end within ${step.timeoutMs} ms` };
  if (end.error !== undefined) return { error: end.error };
  if (end.signal !== undefined) return { error: `the step was killed by ${end.signal}` };
  if (end.code !== 0) return { error: `the step ended with ${end.code ?? 0}`, code: end.code ?? 0 };
  return applyFiles(deps, at, state);
}

function applyFiles(
  deps: HydrateDeps,
  at: { readonly env: string; readonly path: string },
  state: StepState,
): Ran {
  const texts = [at.env, at.path].map((file) => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0)));
  if (texts.some((text) => text.length > ENV_FILE_MAX_BYTES))
    return { error: `GITHUB_ENV or GITHUB_PATH is longer than ${ENV_FILE_MAX_BYTES} bytes` };
  const parsed = parseEnvFile(String(texts[0]));
  if ("error" in parsed) return parsed;
  const refused = Object.keys(parsed.env).find(deps.isRefusedName);
  if (refused !== undefined) return { error: `GITHUB_ENV cannot set ${refused}` };
  const added = String(texts[1])
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  // The last one added is found first, as on GitHub.
  return { state: { env: { ...state.env, ...parsed.env }, path: [...added.reverse(), ...state.path] } };
}

function withoutSecrets(deps: HydrateDeps, env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(([, value]) => !deps.masker.finds(value));
  const dropped = Object.keys(env).filter((name) => !kept.some(([other]) => other === name));
  if (dropped.length > 0)
    deps.journal.event({
      e: "note",
      text: `not kept for later runs, because a secret is in it: ${dropped.join(", ")}`,
    });
  return Object.fromEntries(kept);
}
