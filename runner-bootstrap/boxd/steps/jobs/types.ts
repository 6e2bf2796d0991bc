import type { CacheMode } from "../cache-mode.ts";
import type { JobResult } from "../host.ts";
import type { JobPlan, Place, YamlMap } from "../plan.ts";
import type { Leg } from "./matrix.ts";
import type { JobModel, WorkflowModel } from "./model.ts";

/** Something that cannot be had or is worth knowing. `stop`: the job cannot run here. `lack`: a step may fail for it. */
export type Lack = {
  readonly level: "stop" | "lack" | "note";
  readonly about:
    | "action"
    | "workflow"
    | "runner"
    | "docker"
    | "secret"
    | "variable"
    | "id-token"
    | "environment"
    | "tool";
  /** What it is about: `actions/checkout@v9`, `NPM_TOKEN`, `windows-2022`. */
  readonly name: string;
  /** A sentence. */
  readonly reason: string;
  readonly place: Place;
};

/** A job with all that does not depend on inputs, matrix or other jobs; plain data. */
export type PreparedJob = {
  readonly model: JobModel;
  readonly workflow: WorkflowModel;
  readonly resolved: Pick<JobPlan, "steps" | "actions">;
  readonly lacks: readonly Lack[];
  /** Null for a job with steps, and for a call that leads nowhere. */
  readonly callee: { readonly workflow: WorkflowModel; readonly jobs: readonly PreparedJob[] } | null;
};

/** What the jobs of one workflow share in one run of it; plain data. */
export type Frame = {
  readonly facts: {
    readonly github: YamlMap;
    readonly vars: Readonly<Record<string, string>>;
    readonly synced: JobPlan["synced"];
  };
  readonly top: Pick<WorkflowModel, "name" | "path">;
  readonly inputs: YamlMap;
  readonly secrets: Readonly<Record<string, string>>;
  /** What the caller of a called workflow grants; left out: it says nothing. */
  readonly cacheMode?: CacheMode;
  /** In front of the jobs' ids and names: `caller / `. */
  readonly idPrefix: string;
  readonly namePrefix: string;
};

/** A job and those it needs, as a box runs them: what is known only when others have ended is still as written. Plain data. */
export type JobsPlan = {
  /** The id of the job that is meant; the others are there for its sake. */
  readonly target: string;
  /** Of a target that calls another workflow: the id of the job there that is meant, `target / job`. Left out: all of them. */
  readonly inner?: string;
  /** Of its matrix the first combination with these values. */
  readonly matrix: Readonly<Record<string, string>>;
  /** Steps and jobs that stand in `resolved` and `callee` are not repeated in their models. */
  readonly prepared: readonly PreparedJob[];
  readonly frame: Frame;
};

export type PlannedJob = {
  /** In a called workflow `caller / job`. */
  readonly id: string;
  readonly model: JobModel;
  /** Of the file it stands in. */
  readonly workflow: WorkflowModel;
  /** Ids of jobs of the same workflow plan. */
  readonly needs: readonly string[];
  readonly lacks: readonly Lack[];
  /** The steps with their actions, before any matrix; empty for a call. */
  readonly resolved: Pick<JobPlan, "steps" | "actions">;
  /** The jobs of a called workflow, to be shown; empty for steps. */
  readonly called: readonly PlannedJob[];
  /** What is to be done once the needed jobs have ended. Never throws for what the workflow says. */
  start(state: JobsState): JobStart;
};

/** How a needed job ended. */
export type Ended = {
  readonly result: "success" | "failure" | "cancelled" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
};

export type JobsState = {
  /** By the id of `PlannedJob`, all that have ended. */
  readonly ended: ReadonlyMap<string, Ended>;
  /** The whole run is cancelled. */
  readonly cancelled: boolean;
};

export type JobStart =
  | { readonly kind: "skipped"; readonly reason: string }
  /** An expression fails, the matrix is empty, an input has another type ... */
  | { readonly kind: "failed"; readonly reason: string }
  | {
      readonly kind: "runs";
      readonly failFast: boolean;
      /** At least one. */
      readonly legs: readonly LegPlan[];
      /** Legs that no box can run (Windows, macOS), with the reason. */
      readonly leftOut: readonly LegRefused[];
    }
  | { readonly kind: "calls"; readonly failFast: boolean; readonly legs: readonly LegCall[] };

export type LegPlan = { readonly leg: Leg; readonly plan: JobPlan };

export type LegRefused = { readonly leg: Leg; readonly refused: string };

export type LegCall = {
  readonly leg: Leg;
  readonly jobs: readonly PlannedJob[];
  /** The called workflow's outputs for its caller, when its jobs have ended. Throws ExpressionError. */
  outputs(ended: ReadonlyMap<string, Ended>): Readonly<Record<string, string>>;
};

/** Who is told what becomes of jobs. */
export type JobsTeller = {
  /** A job begins; `job` is its id. */
  begin(job: string, name: string): void;
  /** A job has ended, or was never started. */
  end(job: string, matrix: YamlMap | null, result: JobResult): void;
  /** Something that belongs to no job. */
  note(text: string): void;
};
