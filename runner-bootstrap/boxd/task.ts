/**
 * The wire between the App and boxd: what a task is, what its journal's events say, how boxd's front answers.
 * Dependency-free, because the App and the box both import it.
 */

import type { CacheEvent, OfferedCaches } from "./cache-wire.ts";
import type { GivenParts } from "./given.ts";
import type { ResultEvent } from "./results/result-events.ts";
import type { EngineEvent, Outcome } from "./steps/host.ts";
import type { JobsPlan } from "./steps/jobs/types.ts";
import type { JobPlan } from "./steps/plan.ts";

/** Version of the task and of its events. boxd refuses a version it does not know with exit code 98. */
export const TASK_VERSION = 2;

/** What JavaScript actions are made for now (actions/runner, `node24`); older ones run on it, too. */
export const ACTIONS_NODE_MAJOR = 24;

/** Exit codes of boxd's front process (`notThere`: no such task or blob); anything else means the link was lost: attach again from the cursor. */
export const FRONT_EXIT = { complete: 0, notThere: 96, notInstalled: 97, refused: 98, diskFull: 99 } as const;

export type PhaseName = "sync" | "hydrate" | "execute" | "collect";

/** Brings `sha` from `remote` into the box's work tree. */
export type SyncPhase = {
  /** `https://github.com/o/r.git` or the base URL of another GitHub; never carries credentials. */
  readonly remote: string;
  /** All 40 hex digits; the work tree's HEAD must equal it before any later phase starts. */
  readonly sha: string;
  /** Names at the top of the tree or relative globs that `clean` spares. */
  readonly keep: readonly string[];
  /** Of GitHub, naming the work tree `work/<owner>/<repo>`. */
  readonly owner: string;
  readonly repo: string;
};

/** One job's preparation, run by the step engine before the command, its posts included. */
export type HydratePhase = {
  /** Its steps already cut. Null: nothing runs, and what an earlier hydration set no longer applies. */
  readonly plan: JobPlan | null;
  /** In the plan's stead: the job waits for others, which run first. Its own steps are cut, theirs are not. */
  readonly jobs?: JobsPlan;
  /** What the plan's actions need, each put onto the box with `put-blob` before the task is sent. */
  readonly archives: readonly ActionArchive[];
  /** Content hash of the plan; a box whose App row carries the same one is sent a task without this phase. */
  readonly fingerprint: string;
};

/** A workflow's job with all its steps, in a command's stead; the jobs it needs run before it. */
export type JobPhase = {
  readonly jobs: JobsPlan;
  readonly archives: readonly ActionArchive[];
};

/** A gzipped tar of an action's whole tree. */
export type ActionArchive = {
  /** The directory `ACTIONS/<archive>`, as `PlanAction.source` names it. */
  readonly archive: string;
  /** Hex; the blob's name, checked again at each use. */
  readonly sha256: string;
  readonly sizeBytes: number;
};

export type ExecutePhase = {
  /** `line` is handed verbatim to `bash -c`, `script` is written to a file and run by `bash`. */
  readonly kind: "line" | "script";
  readonly text: string;
  readonly workingDirectory: string;
};

/** One task, sent whole on stdin as one JSON line. Only a copy without `secrets`, `syncToken` and `given` is stored on the box. */
export type Task = GivenParts & {
  readonly v: typeof TASK_VERSION;
  /** Also the directory `tasks/<id>/`; `^[a-z0-9_]{4,64}$`. Starting the same id twice attaches to the first. */
  readonly id: string;
  readonly sync?: SyncPhase;
  readonly hydrate?: HydratePhase;
  readonly execute?: ExecutePhase;
  /** Runs as the phase `execute`; together with `hydrate` or `execute` it is refused. */
  readonly job?: JobPhase;
  /** Left out: no cache and artifact services run beside the steps. */
  readonly caches?: OfferedCaches;
  /** Environment of steps and command: an allow-list made by the App, nothing of boxd's own environment leaks in. */
  readonly env: Readonly<Record<string, string>>;
  /** Values to mask, each also in its encoded forms, before anything is written. Never stored. */
  readonly secrets: readonly string[];
  /** contents:read token of one repository, for sync only; never stored, never in argv. */
  readonly syncToken?: string;
  /** Epoch ms: the supervisor ends the task then with `timed_out`. */
  readonly deadlineAt: number;
  /** Output kept in full up to here, then only the tail (gap marked); bytes. */
  readonly logCapBytes: number;
  /** True: the command runs under bubblewrap even when a stronger rung exists for containment (the local provider). */
  readonly sandbox: "none" | "bwrap";
  /** Time between TERM and KILL when the task is ended, ms; 10 s when left out, at most 60 s. */
  readonly graceMs?: number;
  /** Without `hydrate`: the fingerprint the App's row has for this box; `hydrate_failed` when it holds another. Left out: its last one applies. */
  readonly hydrated?: string;
  /** Beside `hydrated`: the job of that hydration without steps, whose services run beside the command. */
  readonly services?: JobPlan;
  /** Patterns of files in which the command leaves the results of its tests. Left out: the well-known places; none: not collected. */
  readonly results?: readonly string[];
};

/** How what a task started is ended; probed once per box and boot, best first. */
export type Rung =
  | "systemd-scope"
  | "cgroup2"
  | "cgroup1-freezer"
  | "pid-namespace"
  | "systemd-user-scope"
  | "bwrap"
  | "container"
  | "best-effort";

/** Why a task ended other than by its command's own exit. */
export type Why =
  | "cancelled"
  | "timed_out"
  | "sync_failed"
  | "hydrate_failed"
  | "boxd_died"
  | "box_rebooted"
  | "never_started";

/** The one result of a task. Signal and code are separate, never 128+n. */
export type TaskExit = {
  readonly why?: Why;
  /** Who or what asked, for `cancelled`. */
  readonly by?: string;
  readonly code?: number;
  readonly signal?: string;
  /** Spawn failure (`ENOENT`) or the masked sentence of a failed sync or step. */
  readonly error?: string;
  /** For `sync_failed`: a stable word. */
  readonly syncReason?: SyncReason;
  /** For `hydrate_failed` and a failed job: the name of the first step whose conclusion is failure. */
  readonly step?: string;
  /** Of a task with `job`, when it came to its end: how that job ended. */
  readonly conclusion?: Outcome;
  /** The id of the job that failed, when it is not the one that was meant but one that it needs. */
  readonly job?: string;
  /** True once `execute` was linked: the command may have had effects (law 5). */
  readonly executed: boolean;
  /** OOM kills counted on the box or in the task's cgroup while it ran. */
  readonly oomKills?: number;
  /** Free bytes below the reserve when it ended. */
  readonly diskFull?: boolean;
  /** Log bytes left out by cap or full disk. */
  readonly gapBytes?: number;
  /** Names of processes that could not be proven ended: the box is unfit. */
  readonly survivors: readonly string[];
  readonly rung: Rung;
  /** Epoch ms on the box's clock. */
  readonly endedAt: number;
};

export type SyncReason =
  | "token_refused"
  | "commit_missing"
  | "network"
  | "no_git"
  | "disk_full"
  | "not_clean"
  | "head_mismatch"
  | "submodule"
  | "lfs"
  | "other";

/** Events in the journal, in order. `ms` is a duration. */
export type TaskEvent =
  | {
      readonly e: "task";
      readonly v: number;
      readonly id: string;
      readonly sha?: string;
      readonly epoch: string;
      readonly boxd: string;
      readonly node: string;
      readonly rung: Rung;
      readonly sandbox: "none" | "bwrap";
    }
  | { readonly e: "phase"; readonly name: PhaseName; readonly at: "begin" }
  | {
      readonly e: "phase";
      readonly name: PhaseName;
      readonly at: "end";
      readonly outcome: "succeeded" | "failed" | "skipped";
      readonly ms: number;
      readonly detail?: string;
    }
  /** What hydration's steps do and say; texts are bounded. */
  | EngineEvent
  | CacheEvent
  /** What the command's tests said; texts are bounded. */
  | ResultEvent
  | { readonly e: "gap"; readonly bytes: number; readonly reason: "cap" | "disk_full" }
  | { readonly e: "left"; readonly processes: readonly string[] }
  | ({ readonly e: "exit" } & TaskExit);
