import { createHash } from "node:crypto";
import { parseDocument } from "yaml";
import type { ScriptPhase, HydrateStep } from "../../runner-bootstrap/boxd/steps/script-phase.ts";
import { readStep, type Refusal } from "./step.ts";
import { tooDeepAt } from "../../runner-bootstrap/boxd/steps/yaml-bounds.ts";
import { asMap, asText, hasExpression, type YamlMap } from "./yaml-map.ts";

/** The one job whose steps prepare a box. */
export const HYDRATE_JOB = "hydrate";
/** GitHub's own limit on a job's steps is not published; this bounds a hostile file. */
const MAX_STEPS = 100;
/** Keys of a job that change where or whether its steps run; ignoring one would prepare another machine than the author meant. */
const REFUSED_JOB_KEYS = [
  "needs",
  "if",
  "strategy",
  "container",
  "services",
  "uses",
  "continue-on-error",
  "snapshot",
] as const;

export type WorkflowFile = { readonly path: string; readonly text: string };

export type HydratePlan =
  | { readonly kind: "none" }
  | { readonly kind: "plan"; readonly phase: ScriptPhase; readonly path: string }
  | ({ readonly kind: "refused"; readonly path: string } & Refusal);

/**
 * The set-up steps of the job named `hydrate` in the base commit's workflows. Only what can be done faithfully is planned; anything
 * else is refused, naming the step, before anything runs.
 */
export function planHydration(files: readonly WorkflowFile[]): HydratePlan {
  const found: { path: string; workflow: YamlMap; job: YamlMap }[] = [];
  for (const file of [...files].sort((a, b) => a.path.localeCompare(b.path))) {
    if (!file.text.includes(HYDRATE_JOB)) continue;
    const read = readYaml(file.text);
    if (!read.ok) {
      if (mentionsJob(file.text)) return refused(file.path, "(file)", `is not valid YAML: ${read.why}`);
      continue;
    }
    const workflow = asMap(read.value);
    const job = asMap(asMap(workflow?.["jobs"])?.[HYDRATE_JOB]);
    if (workflow !== null && job !== null) found.push({ path: file.path, workflow, job });
  }
  const [first, second] = found;
  if (first === undefined) return { kind: "none" };
  if (second !== undefined)
    return refused(second.path, HYDRATE_JOB, `is also defined in ${first.path}; keep one`);
  return planJob(first.path, first.workflow, first.job);
}

function planJob(path: string, workflow: YamlMap, job: YamlMap): HydratePlan {
  for (const key of REFUSED_JOB_KEYS) {
    if (key in job) return refused(path, HYDRATE_JOB, `has \`${key}:\`, which cannot be honoured on a box`);
  }
  const steps = job["steps"];
  if (!Array.isArray(steps)) return refused(path, HYDRATE_JOB, "has no steps");
  if (steps.length > MAX_STEPS) return refused(path, HYDRATE_JOB, `has more than ${MAX_STEPS} steps`);
  const outer = [workflow, job];
  const env = outer.map((level) => readEnv(level["env"]));
  if (env.includes(null)) return refused(path, HYDRATE_JOB, "has an `env:` that is not plain text");
  const defaults = readDefaults(outer);
  const planned: HydrateStep[] = [];
  for (const [index, step] of steps.entries()) {
    const read = readStep(step, index + 1, { ...defaults, env: Object.assign({}, ...env) });
    if (read.kind === "refused") return refused(path, read.step, read.reason);
    if (read.kind === "step") planned.push(read.step);
  }
  if (planned.length === 0) return { kind: "none" };
  const fingerprint = createHash("sha256").update(JSON.stringify(planned)).digest("hex");
  return { kind: "plan", path, phase: { steps: planned, fingerprint } };
}

function readDefaults(levels: readonly YamlMap[]): { shell: string | null; workingDirectory: string | null } {
  const result: { shell: string | null; workingDirectory: string | null } = {
    shell: null,
    workingDirectory: null,
  };
  for (const level of levels) {
    const run = asMap(asMap(level["defaults"])?.["run"]);
    result.shell = asText(run?.["shell"]) ?? result.shell;
    result.workingDirectory = asText(run?.["working-directory"]) ?? result.workingDirectory;
  }
  return result;
}

/** A literal environment, `{}` when absent, null when it needs evaluation or is no map of scalars. */
function readEnv(value: unknown): Record<string, string> | null {
  if (value === undefined || value === null) return {};
  const map = asMap(value);
  if (map === null) return null;
  const result: Record<string, string> = {};
  for (const [name, raw] of Object.entries(map)) {
    const text = asText(raw);
    if (text === null || hasExpression(text)) return null;
    result[name] = text;
  }
  return result;
}

function mentionsJob(text: string): boolean {
  return text.split("\n").some((line) => line.trim() === `${HYDRATE_JOB}:`);
}

type ReadYaml = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

function readYaml(text: string): ReadYaml {
  if (tooDeepAt(text) !== null) return { ok: false, why: "it is nested too deeply" };
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, why: error.message };
  try {
    // 100 aliases: the library's own default bound against alias bombs, which it throws for, as for unknown aliases.
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (thrown) {
    return { ok: false, why: thrown instanceof Error ? thrown.message : "unreadable" };
  }
}

function refused(path: string, step: string, reason: string): HydratePlan {
  return { kind: "refused", path, step, reason };
}
