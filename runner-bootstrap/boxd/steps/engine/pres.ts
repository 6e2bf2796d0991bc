/** Which steps run something before all others: actions with `pre`, at any depth, but never local ones (actions/runner ActionManager.cs). */

import type { PlanAction, PlanStep } from "../plan.ts";
import type { Job } from "./job.ts";

/** GitHub's bound for composites in composites (actions/runner Constants.CompositeActionsMaxDepth). */
export const DEPTH_MAX = 9;

/** The condition of its pre, or null when it has none. */
export function preOf(job: Job, item: PlanStep, depth = 0): string | null {
  if (item.kind !== "uses" || depth > DEPTH_MAX) return null;
  const action: PlanAction | undefined = job.plan.actions[item.action];
  if (action === undefined || action.ref === undefined) return null;
  const runs = action.definition?.runs;
  if (runs === undefined) return null;
  if (runs.using === "composite")
    return runs.steps.some((child) => preOf(job, child, depth + 1) !== null) ? "always()" : null;
  const pre = runs.using === "docker" ? runs.preEntrypoint : runs.pre;
  return pre === undefined || pre === "" ? null : (runs.preIf ?? "always()");
}
