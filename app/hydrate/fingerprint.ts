import { createHash } from "node:crypto";
import type { JobsPlan } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";

/**
 * A hash of what a set-up does: steps, environment, matrix, the commits of its actions, and the jobs that run before it. The commit under test and the `github`
 * context are no part of it, so that the next push finds the box prepared.
 */
export function fingerprintOf(plan: JobPlan, jobs?: JobsPlan): string {
  const { contexts, synced, ...rest } = plan;
  const { github, ...known } = contexts;
  const lasting = {
    ...rest,
    contexts: { ...known, event: github["event_name"] },
    repository: synced.repository,
    ...(jobs === undefined ? {} : { needed: [jobs.target, jobs.matrix, jobs.prepared] }),
  };
  return createHash("sha256").update(JSON.stringify(lasting)).digest("hex");
}
