import type { JobPlan, Place, YamlMap } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { ActionSource } from "../action-source.ts";
import type { JobModel, WorkflowModel } from "../read/model.ts";
import type { Leg } from "../read/matrix.ts";

export type PlanDeps = {
  readonly source: ActionSource;
  /** A file's text in the workflow's own repository (at its commit, or in the working tree); null when it is not there. */
  readonly readOwn: (path: string) => Promise<string | null>;
};

/** What is known before any job starts. */
export type RunFacts = {
  readonly github: YamlMap;
  readonly vars: Readonly<Record<string, string>>;
  /** With GITHUB_TOKEN when there is one. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Why there are no others, a half sentence; left out when nobody asked. */
  readonly noSecrets?: string;
  /** Of `workflow_dispatch`, typed and with defaults. */
  readonly inputs: YamlMap;
  readonly synced: JobPlan["synced"];
  /** Why Docker is not there; null when it is. */
  readonly dockerMissing: string | null;
  /** The carried archive that local actions (`./`, `$/`) are taken from; null: from the workspace, when their step is reached. */
  readonly ownArchive: string | null;
};

/** Where a file with `uses:` in it comes from. */
export type Home =
  | { readonly kind: "own" }
  | { readonly kind: "remote"; readonly nwo: string; readonly sha: string };

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

/** A whole repository at a commit that must stand in `ACTIONS/<archive>` on the box. */
export type Archive = { readonly archive: string; readonly nwo: string; readonly sha: string };

/** A workflow with everything resolved; its jobs in the order of `needs`. */
export type WorkflowPlan = {
  readonly jobs: readonly PlannedJob[];
  /** Of this workflow, all jobs, called workflows too. */
  readonly archives: readonly Archive[];
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
