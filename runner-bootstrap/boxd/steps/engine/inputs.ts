/** Inputs of an action: what the step gives, then the defaults (actions/runner ActionRunner.cs). */

import type { PlanStep, YamlMap } from "../plan.ts";
import { fill } from "../expressions/fill.ts";
import type { Found } from "./action-of.ts";
import type { Step } from "./job.ts";
import { warn } from "./say.ts";
import { fillMap, scopeInside, scopeOf } from "./scope.ts";

export type Inputs = ReadonlyMap<string, string>;

/** Throws `ExpressionError`. A default that is left out or null is the empty text. */
export function inputsOf(step: Step, item: PlanStep & { kind: "uses" }, found: Found): Inputs {
  const declared = found.definition?.inputs ?? {};
  const given = new Map(fillMap(item.with, scopeInside(step)));
  const names = new Set([...given.keys()].map((name) => name.toLowerCase()));
  const inputs = new Map(given);
  for (const [name, input] of Object.entries(declared)) {
    if (!names.has(name.toLowerCase())) {
      inputs.set(name, input.default === undefined ? "" : fill(input.default, scopeOf(step)));
    } else if (input.deprecation !== undefined && step.stage === "main")
      warn(step, `Input '${name}' has been deprecated with message: ${input.deprecation}`);
  }
  if (found.definition !== null && step.stage === "main") warnOfUnknown(step, found, [...given.keys()]);
  return inputs;
}

/** INPUT_NAME: spaces become `_`, letters upper case, all else stays (actions/runner Handler.cs, AddInputsToEnvironment). */
export function inputVariables(inputs: Inputs): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of inputs) env[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] = value;
  return env;
}

/** The `inputs` context inside a composite or a Docker action. */
export function inputContext(inputs: Inputs): YamlMap {
  return Object.fromEntries(inputs);
}

/** By name, letter case ignored. */
export function inputOf(inputs: Inputs, name: string): string | undefined {
  for (const [key, value] of inputs) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function warnOfUnknown(step: Step, found: Found, given: readonly string[]): void {
  const valid = Object.keys(found.definition?.inputs ?? {});
  if (found.definition?.runs.using === "docker") valid.unshift("entryPoint", "args");
  const known = new Set(valid.map((name) => name.toLowerCase()));
  const unknown = given.filter((name) => !known.has(name.toLowerCase()));
  if (unknown.length === 0) return;
  warn(step, `Unexpected input(s) '${unknown.join("', '")}', valid inputs are ['${valid.join("', '")}']`);
}
