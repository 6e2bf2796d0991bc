/** Taking a task: everything that can be made ahead is made in a directory that a rename turns into `tasks/<id>`. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { makeReserve } from "./journal.ts";
import type { Layout } from "./layout.ts";
import { taskDir } from "./layout.ts";
import { errno, linkOnce, syncDirectory, writeInPlace, writeSynced } from "./once.ts";
import type { Rung, Task, TaskExit } from "./task.ts";

/** An exit record fits one block, written ahead: on a full disk it is overwritten in place. */
const EXIT_BYTES = 4096;

export type GoRecord =
  | { readonly pid: number; readonly epoch: string; readonly at: number; readonly rung: Rung }
  | { readonly void: true };

/** Makes the directory of a task that has no name yet. Throws ENOSPC, EDQUOT when the disk is full. */
export function makeStaging(layout: Layout): string {
  const dir = mkdtempSync(join(layout.run, `${process.pid}-`));
  try {
    makeReserve(dir);
    writeSynced(join(dir, "exit.tmp"), Buffer.alloc(EXIT_BYTES, 0x20));
    writeSynced(join(dir, "execute.tmp"), "");
    writeSynced(join(dir, "go.tmp"), Buffer.alloc(512, 0x20));
    mkdirSync(join(dir, "steps"));
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return dir;
}

/** True for the errnos of a disk or quota that is full. */
export function isDiskFull(error: unknown): boolean {
  return errno(error) === "ENOSPC" || errno(error) === "EDQUOT";
}

/**
 * Gives the staging directory the task's name: the lock. False when somebody has the task already; the staging
 * directory is then removed. A rename never replaces a task's directory, because that is never empty.
 */
export function claimTask(layout: Layout, staging: string, task: Task): boolean {
  writeFileSync(join(staging, "task.json"), JSON.stringify(storedCopy(task)), { mode: 0o600 });
  try {
    renameSync(staging, taskDir(layout, task.id));
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (errno(error) === "ENOTEMPTY" || errno(error) === "EEXIST") return false;
    throw error;
  }
  return true;
}

/**
 * Links `go`: the task is this supervisor's. False when a settler was faster. Not made durable: a power cut before
 * `execute` leaves a task that never ran, with `go` or without.
 */
export function linkGo(dir: string, record: GoRecord): boolean {
  const from = join(dir, "pid" in record ? "go.tmp" : `go.${process.pid}.tmp`);
  writeFileSync(from, JSON.stringify(record), { mode: 0o600 });
  return linkOnce(from, join(dir, "go"));
}

/** Makes the task's own name durable; begun early, because `execute` has to wait for it. */
export async function makeTaskDurable(layout: Layout): Promise<void> {
  const tasks = await open(layout.tasks, "r");
  try {
    await tasks.sync();
  } finally {
    await tasks.close();
  }
}

/** Links `execute`: from now on the command may have had effects (law 5). */
export function linkExecute(dir: string): void {
  linkOnce(join(dir, "execute.tmp"), join(dir, "execute"));
  syncDirectory(dir);
}

/** True once `execute` was linked. */
export function wasExecuted(dir: string): boolean {
  return existsSync(join(dir, "execute"));
}

/** Links the one result. False when there was one. Works on a full disk as long as `exit.tmp` is there. */
export function linkExit(dir: string, exit: TaskExit, from = "exit.tmp"): boolean {
  const bytes = Buffer.alloc(EXIT_BYTES, 0x20);
  const text = Buffer.from(JSON.stringify(fitting(exit)));
  text.copy(bytes, 0, 0, EXIT_BYTES);
  writeInPlace(join(dir, from), bytes);
  const isFirst = linkOnce(join(dir, from), join(dir, "exit"));
  syncDirectory(dir);
  return isFirst;
}

/** The texts that may be long are cut until the record fits its block. */
function fitting(exit: TaskExit): TaskExit {
  for (let error = exit.error, survivors = exit.survivors; ;) {
    const cut: TaskExit = { ...exit, survivors, ...(error === undefined ? {} : { error }) };
    if (Buffer.byteLength(JSON.stringify(cut)) <= EXIT_BYTES) return cut;
    survivors = survivors.slice(0, Math.floor(survivors.length / 2));
    error = error?.slice(0, Math.floor(error.length / 2)).toWellFormed();
  }
}

function storedCopy(task: Task): object {
  const { v, id, sync, hydrate, deadlineAt, logCapBytes, sandbox } = task;
  return {
    v,
    id,
    sync,
    fingerprint: hydrate?.fingerprint,
    executes: task.execute !== undefined || task.job !== undefined,
    deadlineAt,
    logCapBytes,
    sandbox,
  };
}
