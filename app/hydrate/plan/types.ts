import type { JobPlan, YamlMap } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { ActionSource } from "../action-source.ts";
import type { Frame, PlannedJob, PreparedJob } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";

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

/** A whole repository at a commit that must stand in `ACTIONS/<archive>` on the box. */
export type Archive = { readonly archive: string; readonly nwo: string; readonly sha: string };

/** A workflow with everything resolved; its jobs in the order of `needs`. */
export type WorkflowPlan = {
  readonly jobs: readonly PlannedJob[];
  /** What `jobs` are made from, as plain data. */
  readonly prepared: readonly PreparedJob[];
  readonly frame: Frame;
  /** Of this workflow, all jobs, called workflows too. */
  readonly archives: readonly Archive[];
};
