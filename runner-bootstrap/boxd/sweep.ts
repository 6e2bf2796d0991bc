/** Tidying the slot: tasks the App has acknowledged, and everything between two trust domains. */

import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import { removeStaleContainers } from "./containers.ts";
import { reopenContainment } from "./contain/ladder.ts";
import { isAlive } from "./contain/processes.ts";
import type { JournalCopy } from "./journal-copy.ts";
import type { Layout } from "./layout.ts";
import { makeLayout, taskDir } from "./layout.ts";
import { firstLine } from "./lines.ts";
import { isTaskId } from "./parse-task.ts";
import { isOver, taskState } from "./state.ts";
import { FRONT_EXIT } from "./task.ts";
import { ENTRANCE_FILES } from "./enter.ts";

/** A thousand tasks. */
const LINE_MAX_BYTES = 256 * 1024;
const HASH_BYTES = 1024 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;
/** What a slot gathers beside programs and tasks. */
const SLOT_PLACES = [
  ...ENTRANCE_FILES,
  "work",
  "git",
  "git-home",
  "hydrated",
  "steps",
  "tools",
  "blobs",
  "caches",
  "tmp",
  "askpass.sh",
];

/**
 * Removes the tasks of `{"tasks":[{"id","sha256"}]}` on stdin whose journals have that hash, the hash of the App's copy: never one that
 * differs, never one without `exit`. Prints `{"removed":[...],"kept":[...]}`; what is gone already is neither.
 */
export async function sweep(layout: Layout): Promise<number> {
  makeLayout(layout);
  const line = await firstLine(process.stdin, LINE_MAX_BYTES);
  const copies = readCopies(typeof line === "string" ? line : "");
  if (copies === undefined) return refuse('expected {"tasks":[{"id","sha256"}]} on stdin');
  await removeStaleContainers(layout, (id) => isOver(layout, id));
  const there = copies.filter(({ id }) => existsSync(taskDir(layout, id)));
  const removed = there.filter((copy) => isCopied(layout, copy)).map(({ id }) => id);
  const kept = there.map(({ id }) => id).filter((id) => !removed.includes(id));
  for (const id of removed) {
    // A cgroup that was still counting a zombie at the task's end.
    reopenContainment(taskDir(layout, id))?.dispose();
    rmSync(taskDir(layout, id), { recursive: true, force: true });
  }
  removeStale(layout);
  writeSync(1, `${JSON.stringify({ removed, kept })}\n`);
  return FRONT_EXIT.complete;
}

/**
 * Removes work trees, git directories, HOME of a slot, hydration and blobs: before a box serves another trust domain,
 * and after a best-effort containment. Refused while a task is alive. Programs and tasks stay.
 */
export async function wipe(layout: Layout): Promise<number> {
  makeLayout(layout);
  for (const id of readdirSync(layout.tasks).filter(isTaskId)) {
    const state = await taskState(layout, id);
    if (state !== "done") return refuse(`task ${id} is ${state}`);
  }
  const left = await removeStaleContainers(layout, (id) => isOver(layout, id));
  if (left.length > 0) return refuse(`still there: ${left.join(", ")}`);
  const places = [...SLOT_PLACES, ...(layout.isSlot ? ["home"] : [])];
  for (const place of places) rmSync(join(layout.root, place), { recursive: true, force: true });
  removeStale(layout);
  makeLayout(layout);
  writeSync(1, `${JSON.stringify({ wiped: places })}\n`);
  return FRONT_EXIT.complete;
}

/** What supervisors that were killed before their claim left behind; the name begins with their pid. */
function removeStale(layout: Layout): void {
  for (const name of readdirSync(layout.run)) {
    if (!isAlive(Number(name.split("-")[0])))
      rmSync(join(layout.run, name), { recursive: true, force: true });
  }
}

function isCopied(layout: Layout, { id, sha256 }: JournalCopy): boolean {
  const dir = taskDir(layout, id);
  return existsSync(join(dir, "exit")) && hashOf(join(dir, "journal")) === sha256;
}

/** Of a file that is not there: the hash of nothing, as the App's copy of it has. */
function hashOf(path: string): string {
  const hash = createHash("sha256");
  if (!existsSync(path)) return hash.digest("hex");
  const buffer = Buffer.allocUnsafe(HASH_BYTES);
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const length = readSync(fd, buffer, 0, HASH_BYTES, null);
      if (length === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}

function readCopies(line: string): readonly JournalCopy[] | undefined {
  try {
    const { tasks } = JSON.parse(line) as { tasks?: unknown };
    return Array.isArray(tasks) && tasks.every(isCopy) ? tasks : undefined;
  } catch {
    return undefined; // Not JSON: refused like any other wrong line.
  }
}

function isCopy(value: unknown): value is JournalCopy {
  if (typeof value !== "object" || value === null) return false;
  const { id, sha256 } = value as Record<string, unknown>;
  return typeof id === "string" && isTaskId(id) && typeof sha256 === "string" && SHA256.test(sha256);
}

function refuse(reason: string): number {
  writeSync(2, `${reason}\n`);
  return FRONT_EXIT.refused;
}
