/** Which of a plan's actions are really run by Node: App and box decide by it alike. */

import type { JobsPlan, PreparedJob } from "./jobs/types.ts";
import type { JobPlan, PlanAction } from "./plan.ts";

/** All actions of one job, or of jobs with those that they call. */
export function actionsIn(
  what: Pick<JobPlan, "actions"> | Pick<JobsPlan, "prepared">,
): readonly PlanAction[] {
  return "prepared" in what ? what.prepared.flatMap(ofJob) : Object.values(what.actions);
}

/** Whether one of them is JavaScript. A checkout that the sync answers is not run, and has no archive among those that are carried. */
export function areRunByNode(
  actions: readonly PlanAction[],
  archives: readonly { readonly archive: string }[],
): boolean {
  const carried = new Set(archives.map(({ archive }) => archive));
  return actions.some(
    ({ definition, source }) =>
      definition?.runs.using.startsWith("node") === true &&
      (source.kind !== "archive" || carried.has(source.archive)),
  );
}

function ofJob({ resolved, callee }: PreparedJob): readonly PlanAction[] {
  return [...Object.values(resolved.actions), ...(callee?.jobs ?? []).flatMap(ofJob)];
}
