/** Tidying the slot: tasks the App has acknowledged, and everything between two trust domains. */

import { existsSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import { reopenContainment } from "./contain/ladder.ts";
import { isAlive } from "./contain/processes.ts";
import type { Layout } from "./layout.ts";
import { makeLayout, taskDir } from "./layout.ts";
import { firstLine } from "./lines.ts";
import { isTaskId } from "./parse-task.ts";
import { taskState } from "./state.ts";
import { FRONT_EXIT } from "./task.ts";

/** Ids of a thousand tasks. */
const LINE_MAX_BYTES = 256 * 1024;
/** What a slot gathers beside programs and tasks. */
const SLOT_PLACES = ["work", "git", "git-home", "hydrated", "blobs", "tmp", "askpass.sh"];

/** Removes the tasks named in `{"ids":[...]}` on stdin; never one without `exit`. Prints what it removed. */
export async function sweep(layout: Layout): Promise<number> {
  makeLayout(layout);
  const line = await firstLine(process.stdin, LINE_MAX_BYTES);
  const ids = readIds(typeof line === "string" ? line : "");
  if (ids === undefined) return refuse('expected {"ids":[...]} on stdin');
  const removed = ids.filter((id) => existsSync(join(taskDir(layout, id), "exit")));
  for (const id of removed) {
    // A cgroup that was still counting a zombie at the task's end.
    reopenContainment(taskDir(layout, id))?.dispose();
    rmSync(taskDir(layout, id), { recursive: true, force: true });
  }
  removeStale(layout);
  writeSync(1, `${JSON.stringify({ removed })}\n`);
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

function readIds(line: string): string[] | undefined {
  try {
    const value = JSON.parse(line) as { ids?: unknown };
    return Array.isArray(value.ids) && value.ids.every(isTaskId) ? value.ids : undefined;
  } catch {
    return undefined; // Not JSON: refused like any other wrong line.
  }
}

function refuse(reason: string): number {
  writeSync(2, `${reason}\n`);
  return FRONT_EXIT.refused;
}
