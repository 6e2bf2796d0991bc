/** What is told of a job that did not end well. */

import type { BoxHost } from "./box-host.ts";
import type { JobResult } from "./host.ts";

/** Why a job did not end well; texts are bounded. */
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

/** What failed first in a job whose steps were numbered from `behind` on; null when it ended well. */
export function failureOf(
  host: Pick<BoxHost, "reasonOf">,
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
  if (step === undefined) return { error: `the job's conclusion is ${conclusion}` };
  const { message = "the step failed", code } = host.reasonOf(step.n + behind);
  return {
    step: step.name.slice(0, NAME_MAX).toWellFormed(),
    error: message.slice(0, REASON_MAX).toWellFormed(),
    ...(code === undefined ? {} : { code }),
  };
}
