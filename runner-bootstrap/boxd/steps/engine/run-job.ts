/** A whole job on a host: what the official runner does between a job's message and its end (actions/runner JobRunner.cs, JobExtension.cs). */

import type { EngineHost, JobResult, Outcome } from "../host.ts";
import { JOB_PLAN_VERSION, type JobPlan } from "../plan.ts";
import { watchCancel } from "./cancel.ts";
import { jobOutputs } from "./job-outputs.ts";
import type { Job } from "./job.ts";
import { makeJob } from "./make-job.ts";
import { runSteps } from "./run-steps.ts";
import { aside, leaveServices, setUp, startContainers, stopContainers } from "./set-up.ts";
import { fail } from "./say.ts";
import { why } from "./scope.ts";

export type JobOptions = {
  /** Services of a job that ended well live on; see `Docker.leave`. */
  readonly leavesServices?: boolean;
};

/**
 * Runs the job to its end, its posts included, and tells all there is to tell through the host. Never throws for what a plan, a step
 * or an action does; only for a plan of a version it does not know. Not safe to repeat in the same workspace without a new copy.
 */
export async function runJob(
  plan: JobPlan,
  host: EngineHost,
  { leavesServices = false }: JobOptions = {},
): Promise<JobResult> {
  const version: number = plan.v;
  if (version !== JOB_PLAN_VERSION)
    throw new Error(`This engine knows plans of version ${JOB_PLAN_VERSION}, not ${version}.`);
  const job = makeJob(plan, host);
  const stopWatching = watchCancel(job);
  try {
    await setUp(job);
    if (job.status === "success") {
      await startContainers(job);
      await runSteps(job);
    }
    if (leavesServices && job.status === "success") await leaveServices(job);
    else await stopContainers(job);
    const outputs = await completed(job);
    return {
      conclusion: job.status satisfies Outcome,
      steps: job.results.sort((a, b) => a.n - b.n),
      outputs,
      env: Object.fromEntries(job.env),
      path: [...job.path].toReversed(),
    };
  } finally {
    stopWatching();
  }
}

async function completed(job: Job): Promise<Record<string, string>> {
  if (Object.keys(job.plan.outputs).length === 0) return {};
  let outputs: Record<string, string> = {};
  await aside(job, "Complete job", async (step) => {
    try {
      outputs = jobOutputs(step);
      return "success";
    } catch (error) {
      fail(step, `The job's outputs cannot be told: ${why(error)}`);
      return "failure";
    }
  });
  return outputs;
}
