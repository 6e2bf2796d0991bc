/** Cancelling a job: by the host, or because its time is over (actions/runner StepsRunner.cs; JobDispatcher.cs for the grace). */

import { fillValue } from "../expressions/fill.ts";
import type { Yaml } from "../plan.ts";
import type { Job, Step } from "./job.ts";
import { holds } from "./scope.ts";

/** GitHub's default for `timeout-minutes` of a job. */
const TIMEOUT_MINUTES = 360;
/** What steps with always() have after a cancel, as on GitHub; then everything is ended. */
const GRACE_MS = 5 * 60_000;
/** Longest wait a timer of Node can hold. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Call what it gives when the job is over. */
export function watchCancel(job: Job): () => void {
  let last: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    if (job.status === "cancelled") return;
    job.status = "cancelled";
    for (const step of job.running) {
      // Conditions inside a composite go by how that stands, and it is cancelled now.
      if (step.isNested) step.github["action_status"] = "cancelled";
      if (!stillHolds(step)) step.stop.abort();
    }
    last = setTimeout(() => {
      job.isOver = true;
      for (const step of job.running) step.stop.abort();
    }, GRACE_MS);
  };
  const { cancelled } = job.host;
  const minutes = timeoutMinutes(job);
  const timer = setTimeout(
    () => {
      job.host.event({
        e: "note",
        text: `The job has exceeded the maximum execution time of ${minutes} minutes.`,
      });
      cancel();
    },
    Math.min(minutes * 60_000, TIMER_MAX_MS),
  );
  if (cancelled.aborted) cancel();
  cancelled.addEventListener("abort", cancel, { once: true });
  return () => {
    clearTimeout(timer);
    clearTimeout(last);
    cancelled.removeEventListener("abort", cancel);
  };
}

/** A background step is always cancelled with its job. */
function stillHolds(step: Step): boolean {
  if (step.deferred !== null) return false;
  try {
    return holds(step);
  } catch {
    // What cannot be told any longer does not hold.
    return false;
  }
}

function timeoutMinutes(job: Job): number {
  const { contexts, timeoutMinutes: written } = job.plan;
  const { github, vars, inputs, matrix, strategy, needs } = contexts;
  let value: Yaml = written ?? TIMEOUT_MINUTES;
  try {
    value = fillValue(value, { contexts: { github, vars, inputs, matrix, strategy, needs } });
  } catch {
    job.host.event({
      e: "note",
      text: `timeout-minutes of the job cannot be told; it is ${TIMEOUT_MINUTES}.`,
    });
    return TIMEOUT_MINUTES;
  }
  const minutes = Number(value);
  return minutes > 0 ? minutes : TIMEOUT_MINUTES;
}
