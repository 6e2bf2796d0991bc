import type { HydrateStep } from "../../runner-bootstrap/boxd/steps/script-phase.ts";
import { asMap, asText, hasExpression, type YamlMap } from "./yaml-map.ts";

/** Actions' own default for a step is the job's 360 minutes. */
const DEFAULT_STEP_TIMEOUT_MS = 360 * 60_000;
const KNOWN_KEYS = new Set(["name", "id", "run", "shell", "working-directory", "env", "timeout-minutes"]);
/** Inputs of actions/checkout that change nothing the sync does not already guarantee. */
const HARMLESS_CHECKOUT_INPUTS = new Set([
  "fetch-depth",
  "persist-credentials",
  "clean",
  "show-progress",
  "submodules",
  "lfs",
  "set-safe-directory",
]);

export type Refusal = { readonly step: string; readonly reason: string };

export type ReadStep =
  | { readonly kind: "step"; readonly step: HydrateStep }
  | { readonly kind: "answered" }
  | ({ readonly kind: "refused" } & Refusal);

export type StepDefaults = {
  readonly shell: string | null;
  readonly workingDirectory: string | null;
  readonly env: Readonly<Record<string, string>>;
};

/** One step of the hydrate job: planned, answered by the sync (checkout), or refused with the reason. */
export function readStep(value: unknown, position: number, defaults: StepDefaults): ReadStep {
  const step = asMap(value);
  if (step === null) return { kind: "refused", step: `step ${position}`, reason: "is not a mapping" };
  const name = nameOf(step, position);
  const refused = (reason: string): ReadStep => ({ kind: "refused", step: name, reason });
  if ("if" in step) return refused("has `if:`, which is not evaluated yet");
  if (typeof step["uses"] === "string") return readUses(step["uses"], step, refused);
  const run = asText(step["run"]);
  if (run === null) return refused("has neither `run:` nor `uses:`");
  for (const key of Object.keys(step))
    if (!KNOWN_KEYS.has(key)) return refused(`has \`${key}:\`, which cannot be honoured`);
  if (deepExpression(step)) return refused("has an expression `${{ }}`, which is not evaluated yet");
  const shell = asText(step["shell"]) ?? defaults.shell ?? "bash";
  if (shell !== "bash" && shell !== "sh")
    return refused(`asks for shell \`${shell}\`; bash and sh are offered`);
  const env = { ...defaults.env };
  for (const [key, raw] of Object.entries(asMap(step["env"]) ?? {})) {
    const text = asText(raw);
    if (text === null) return refused(`has an \`env:\` value of \`${key}\` that is not plain text`);
    env[key] = text;
  }
  const minutes = step["timeout-minutes"];
  if (minutes !== undefined && (typeof minutes !== "number" || minutes <= 0))
    return refused("has a `timeout-minutes:` that is no positive number");
  const workingDirectory = asText(step["working-directory"]) ?? defaults.workingDirectory ?? ".";
  if (hasExpression(workingDirectory) || hasExpression(shell))
    return refused("inherits a default with an expression");
  const timeoutMs = typeof minutes === "number" ? minutes * 60_000 : DEFAULT_STEP_TIMEOUT_MS;
  return { kind: "step", step: { name, run, shell, workingDirectory, env, timeoutMs } };
}

function readUses(uses: string, step: YamlMap, refused: (reason: string) => ReadStep): ReadStep {
  if (!/^actions\/checkout@/iu.test(uses)) return refused(`uses \`${uses}\`; actions are not run yet`);
  for (const [input, value] of Object.entries(asMap(step["with"]) ?? {})) {
    if (!HARMLESS_CHECKOUT_INPUTS.has(input) || hasExpression(asText(value) ?? "${{")) {
      return refused(`gives checkout the input \`${input}\`, which the sync does not honour`);
    }
  }
  return { kind: "answered" };
}

function nameOf(step: YamlMap, position: number): string {
  const given = asText(step["name"]) ?? asText(step["uses"]) ?? asText(step["run"])?.split("\n")[0] ?? "";
  return given.trim() === "" ? `step ${position}` : given.trim().slice(0, 100);
}

function deepExpression(value: unknown): boolean {
  if (typeof value === "string") return hasExpression(value);
  if (Array.isArray(value)) return value.some(deepExpression);
  const map = asMap(value);
  return map !== null && Object.values(map).some(deepExpression);
}
