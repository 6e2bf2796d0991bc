import type { StepTime } from "../runs/step-time.ts";
import type { StepRemark, StepSummary } from "./step-remarks.ts";
import type { TestFailure, TestResults } from "./test-results.ts";

/** What a phase said besides its times, as the attempt's row keeps it; bounded. */
export type PhaseSaid = {
  /** Of a set-up, in the order in which they began; what has no `ms` is under way. */
  readonly steps?: readonly StepTime[];
  /** What these steps said, and their summaries. */
  readonly remarks?: readonly StepRemark[];
  readonly summaries?: readonly StepSummary[];
  /** Of `collect`: what the tests said. */
  readonly results?: TestResults;
  readonly failures?: readonly TestFailure[];
  /** Names of what its steps uploaded and the box had for the App, shortened. */
  readonly uploads?: readonly string[];
  /** Of `collect`: how many files of the tree the box had, and what it left out. */
  readonly artifacts?: { readonly kept: number; readonly notes: readonly string[] };
};

/** What the steps of an attempt said, those of its set-up first. */
export function stepsSaid(
  phases: Readonly<Partial<Record<"hydrate" | "execute", PhaseSaid>>>,
): Required<Pick<PhaseSaid, "steps" | "remarks" | "summaries">> {
  const all = [phases.hydrate ?? {}, phases.execute ?? {}];
  return {
    steps: all.flatMap(({ steps }) => steps ?? []),
    remarks: all.flatMap(({ remarks }) => remarks ?? []),
    summaries: all.flatMap(({ summaries }) => summaries ?? []),
  };
}
