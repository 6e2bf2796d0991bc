import type { StepModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { commandsOf } from "./commands.ts";
import { ACTION_RULES, NAME_RULE } from "./action-rules.ts";
import { COMMAND_RULES } from "./command-rules.ts";
import type { Purpose } from "./rule.ts";

/** What a step is for, and by which row of the rule. */
export type StepPurpose = { readonly purpose: Purpose; readonly rule: string; readonly command: string };

/** Inputs of actions that run what they are given (retry actions, build tools). */
const COMMAND_INPUTS = new Set(["command", "run", "script", "cmd", "arguments", "args", "goals", "tasks"]);
/** Actions whose input is what follows their program's name. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/gradle/iu, "gradle"],
  [/(?:^|\/)cargo|rust/iu, "cargo"],
  [/maven|mvn/iu, "mvn"],
  [/composer/iu, "composer"],
  [/(?:^|[/-])tox/iu, "tox"],
];
const MAX_SHOWN_CHARS = 80;

/** Null for a step that prepares. In a script, the first command that tests, releases or deploys counts; lint only when there is no other. */
export function purposeOf(step: StepModel): StepPurpose | null {
  if (step.kind === "uses") return ofAction(step.uses, step.with);
  if (step.kind === "parallel") return ofGroup(step.steps);
  if (step.kind !== "run") return null;
  const found = ofScript(step.run);
  if (found !== null && endsSetUp(found.purpose)) return found;
  const name = step.name?.trim() ?? "";
  if (NAME_RULE.pattern.test(name))
    return { purpose: NAME_RULE.purpose, rule: NAME_RULE.label, command: name };
  return found;
}

/** True for a script that does something else before its first command that ends a set-up. */
export function alsoPrepares(step: StepModel): boolean {
  if (step.kind !== "run") return false;
  const purposes = commandsOf(step.run).map(ofCommand);
  const ends = purposes.findIndex((found) => found !== null && endsSetUp(found.purpose));
  return purposes.slice(0, Math.max(0, ends)).includes(null);
}

/** Tests, releases and deployments do; what only checks or reports is left out. */
export function endsSetUp(purpose: Purpose): boolean {
  return purpose !== "lint" && purpose !== "upload";
}

/** Steps side by side end the set-up when one of them does. */
function ofGroup(steps: readonly StepModel[]): StepPurpose | null {
  const found = steps.map(purposeOf);
  const ending = found.find((one) => one !== null && endsSetUp(one.purpose));
  return ending ?? (found.includes(null) ? null : (found[0] ?? null));
}

function ofAction(uses: string, inputs: Readonly<Record<string, string>>): StepPurpose | null {
  for (const { purpose, label, pattern } of ACTION_RULES)
    if (pattern.test(uses)) return { purpose, rule: label, command: uses };
  const given = Object.entries(inputs)
    .filter(([name]) => COMMAND_INPUTS.has(name.toLowerCase()))
    .map(([, value]) => value);
  if (given.length === 0) return null;
  const program = PROGRAMS.find(([pattern]) => pattern.test(uses))?.[1];
  const scripts = program === undefined ? given : [`${program} ${given.join(" ")}`, ...given];
  return scripts.map(ofScript).find((found) => found !== null) ?? null;
}

function ofScript(script: string): StepPurpose | null {
  const found = commandsOf(script)
    .map(ofCommand)
    .filter((one) => one !== null);
  return found.find(({ purpose }) => endsSetUp(purpose)) ?? found[0] ?? null;
}

function ofCommand(readings: readonly string[]): StepPurpose | null {
  for (const command of readings) {
    const rule = COMMAND_RULES.find(
      ({ pattern, unless }) => pattern.test(command) && unless?.test(command) !== true,
    );
    if (rule !== undefined)
      return { purpose: rule.purpose, rule: rule.label, command: command.slice(0, MAX_SHOWN_CHARS) };
  }
  return null;
}
