/** What a job hands to the jobs that need it. */

import { fill } from "../expressions/fill.ts";
import type { Step } from "./job.ts";
import { warn } from "./say.ts";
import { scopeOf } from "./scope.ts";

/** Empty ones are left out, and those that hold a secret (actions/runner JobExtension.cs). Throws `ExpressionError`. */
export function jobOutputs(step: Step): Record<string, string> {
  const outputs: Record<string, string> = {};
  const scope = scopeOf(step);
  for (const [name, template] of Object.entries(step.job.plan.outputs)) {
    const value = fill(template, scope);
    if (value === "") continue;
    if (holdsSecret(step, value)) warn(step, `Skip output '${name}' since it may contain secret.`);
    else outputs[name] = value;
  }
  return outputs;
}

function holdsSecret(step: Step, value: string): boolean {
  for (const secret of step.job.masked) if (value.includes(secret)) return true;
  return false;
}
