import type { Place, YamlMap } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Lack } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";

/**
 * `runs`; `answered`: nothing left to do, the sync did it; `skipped`; `depends`: known only while the job runs; `cannot`: its action is
 * not to be had.
 */
export type StepState = "runs" | "answered" | "skipped" | "depends" | "cannot";

export type StepRow = {
  /** Position in the job, counted from 1; inside of an action `3.1`. */
  readonly n: string;
  readonly name: string;
  readonly kind: "run" | "uses" | "parallel" | "wait" | "cancel";
  /** As written; null for anything but `uses`. */
  readonly uses: string | null;
  readonly sha: string | null;
  /** `node24`, `composite`, `docker`, `image`; null when it is not known. */
  readonly using: string | null;
  readonly state: StepState;
  /** Why, as a half sentence; empty when nothing is to be said. */
  readonly reason: string;
  readonly place: Place;
};

/** `lacking`: it runs, and something it asks for is not there. */
export type JobVerdict = "runs" | "lacking" | "skipped" | "depends" | "cannot";

export type ExplainedJob = {
  readonly id: string;
  readonly verdict: JobVerdict;
  readonly reason: string;
  readonly needs: readonly string[];
  /** Names of the runs as GitHub shows them; empty when they are not known yet. */
  readonly runs: readonly string[];
  /** Runs of a matrix that no box can do, with the reason. */
  readonly leftOut: readonly { readonly matrix: YamlMap | null; readonly reason: string }[];
  /** Set for a call. */
  readonly calls: string | null;
  readonly steps: readonly StepRow[];
  readonly secrets: readonly { readonly name: string; readonly given: boolean }[];
  readonly variables: readonly { readonly name: string; readonly given: boolean }[];
  readonly lacks: readonly Lack[];
};

export type Explanation = {
  readonly verdict: "runs" | "lacking" | "cannot";
  readonly jobs: readonly ExplainedJob[];
};
