import type { StepTime } from "../runs/step-time.ts";
import type { StepRemark, StepSummary } from "./step-remarks.ts";
import type { TestFailure, TestResults } from "./test-results.ts";

/** What a phase said besides its times, as the attempt's row keeps it; bounded. */
export type PhaseSaid = {
  /** Of a set-up, in the order in which they began; what has no `ms` is under way. */
  readonly steps?: readonly StepTime[];
  /** Of a set-up: what its steps said, and their summaries. */
  readonly remarks?: readonly StepRemark[];
  readonly summaries?: readonly StepSummary[];
  /** Of `collect`: what the tests said. */
  readonly results?: TestResults;
  readonly failures?: readonly TestFailure[];
};
