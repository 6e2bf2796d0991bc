/** How what a task starts is held together, so that all of it can be ended. */

import type { Rung } from "../task.ts";

export type Containment = {
  readonly rung: Rung;
  /** The argv that runs `argv` inside; `shell` is one up to `-c`, for what has to be done on the way. */
  wrap(argv: readonly string[], shell: readonly string[]): string[];
  /** Told the pid of each process spawned by `wrap`'s argv. */
  adopt(pid: number): void;
  /** Pids inside that are alive; zombies do not count. */
  members(): number[];
  /** KILL to everything inside, at once where the kernel can. */
  killAll(): void;
  /** Removes what was made for it (the cgroup). Only when nothing is alive inside. Safe to repeat. */
  dispose(): void;
};

/** What `contain.json` keeps, so that somebody else can end what a dead supervisor left. */
export type ContainRecord = {
  readonly rung: Rung;
  readonly id: string;
  readonly workTrees: readonly string[];
  readonly isSandboxed: boolean;
  /** The cgroup's directory, for the cgroup rungs. */
  readonly cgroup?: string;
  /** systemd's unit. */
  readonly unit?: string;
  /** First processes of PID namespaces and best-effort groups, with start times: pids alone are used again. */
  readonly roots: readonly { readonly pid: number; readonly startTime: string }[];
};
