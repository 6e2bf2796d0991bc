/** What boxd's `status` answers. Dependency-free, because the App and the box both import it. */

import type { Rung } from "./task.ts";

/** State of one task as `status` reports it (see `settle`). */
export type TaskState = "absent" | "starting" | "stillborn" | "running" | "lost" | "done";

/** `status`'s answer: one JSON line. */
export type BoxStatus = {
  readonly v: number;
  readonly epoch: string;
  readonly boxd: string;
  readonly node: string;
  readonly git: string | null;
  readonly bwrap: boolean;
  readonly rung: Rung;
  readonly freeBytes: number;
  readonly oomKills: number;
  readonly tasks: readonly {
    readonly id: string;
    readonly state: TaskState;
    readonly executed: boolean;
    readonly journalBytes: number;
  }[];
};
