/** What is told of a job that did not end well. */

import type { BoxHost } from "./box-host.ts";
import type { JobResult } from "./host.ts";

/** Why a job did not end well; texts are masked and bounded. */
export type Failure = {
  /** The job's id, when it is one that was needed. */
  readonly job?: string;
  readonly step?: string;
  readonly error: string;
  readonly code?: number;
};

/** Of the exit record, which is one block. */
const NAME_MAX = 200;
const REASON_MAX = 1_000;

const TIME_OVER = "the job's time was over";

/** What failed first in a job whose steps were numbered from `behind` on; null when it ended well. */
export function failureOf(
  host: Pick<BoxHost, "reasonOf" | "cancelled" | "masked">,
  { conclusion, steps }: JobResult,
  behind: number,
): Failure | null {
  if (conclusion === "success" || conclusion === "skipped") return null;
  const step =
    steps.find((one) => one.conclusion === "failure") ??
    // Cancelled with words of its own: over the job's time, it says what was waited for.
    steps.find(
      (one) => one.conclusion === "cancelled" && host.reasonOf(one.n + behind).message !== undefined,
    );
  const isOver = conclusion === "cancelled" && !host.cancelled.aborted;
  if (step === undefined) return { error: isOver ? TIME_OVER : `the job's conclusion is ${conclusion}` };
  const { message = "the step failed", code } = host.reasonOf(step.n + behind);
  // What the engine does itself says so in its own words (docker/room.ts).
  const isToSay = isOver && step.conclusion === "cancelled" && step.stage !== "setup";
  return {
    step: host.masked(step.name).slice(0, NAME_MAX).toWellFormed(),
    error: `${isToSay ? `${TIME_OVER}; ` : ""}${host.masked(message)}`.slice(0, REASON_MAX).toWellFormed(),
    ...(code === undefined ? {} : { code }),
  };
}
