/** What all steps have in common, nested or not: their environment, whether they run, and what becomes of their result. */

import type { PlanStep } from "../plan.ts";
import type { Step } from "./job.ts";
import type { Work } from "./work.ts";
import { fail } from "./say.ts";
import { fillMap, holds, scopeOf, valueOf, why } from "./scope.ts";
import { setConclusion } from "./set.ts";

/** Global environment, then what the steps above it gave, then its own. The step has failed when its own cannot be told. */
export function mergeEnv(step: Step, own: PlanStep["env"], above: Step | null): void {
  for (const [name, value] of step.job.env) step.env[name] = value;
  for (const name of above?.overrides ?? []) {
    step.env[name] = above?.env[name] ?? "";
    step.overrides.add(name);
  }
  try {
    for (const [name, value] of fillMap(own, scopeOf(step))) {
      step.env[name] = value;
      step.overrides.add(name);
    }
  } catch (error) {
    fail(step, why(error));
    step.result = "failure";
  }
}

export function decide(step: Step): "run" | "skip" | "fault" {
  try {
    return holds(step) ? "run" : "skip";
  } catch (error) {
    fail(step, `The condition cannot be told: ${why(error)}`);
    return "fault";
  }
}

/** The result, with faulty commands and `continue-on-error` reckoned in; written to `steps.ID` unless the step is in the background. */
export function conclude(step: Step, work: Work, item: PlanStep): void {
  const result = work === "timeout" ? "failure" : work;
  step.result = step.isCommandFailed && result === "success" ? "failure" : result;
  if (step.result === "failure" && goesOn(step, item)) {
    step.outcome = "failure";
    step.result = "success";
  }
  if (step.deferred === null) setConclusion(step);
}

function goesOn(step: Step, item: PlanStep): boolean {
  if (item.continueOnError === undefined) return false;
  try {
    const value = valueOf(item.continueOnError, step);
    return value === true || value === "true";
  } catch (error) {
    fail(step, `continue-on-error cannot be told: ${why(error)}`);
    return false;
  }
}
