/** The first event of every journal: who runs the task, and on what. */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import type { Probe } from "./probe.ts";
import type { Task, TaskEvent } from "./task.ts";
import { TASK_VERSION } from "./task.ts";

/** boxd is one file, named by its hash. */
export function taskEvent({ id, sync, sandbox }: Task, epoch: string, { rung }: Probe): TaskEvent {
  return {
    e: "task",
    v: TASK_VERSION,
    id,
    ...(sync === undefined ? {} : { sha: sync.sha }),
    epoch,
    boxd: basename(fileURLToPath(import.meta.url)),
    node: process.version,
    rung,
    sandbox,
  };
}
