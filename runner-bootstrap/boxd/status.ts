/** `status`: what the box is and what it does, in one line of JSON. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { wasExecuted } from "./claim.ts";
import { freeBytes } from "./journal.ts";
import type { Layout } from "./layout.ts";
import { taskDir } from "./layout.ts";
import { readOomKills } from "./oom.ts";
import { isTaskId } from "./parse-task.ts";
import { probeBox } from "./probe.ts";
import { taskState } from "./state.ts";
import type { BoxStatus } from "./status-wire.ts";
import { TASK_VERSION } from "./task.ts";

/** Looks at everything, changes nothing. */
export async function boxStatus(layout: Layout): Promise<BoxStatus> {
  const { epoch, git, bwrap, rung } = probeBox(layout.root);
  const ids = readdirSync(layout.tasks).filter(isTaskId);
  const tasks = await Promise.all(
    ids.map(async (id) => {
      const journal = join(taskDir(layout, id), "journal");
      return {
        id,
        state: await taskState(layout, id),
        executed: wasExecuted(taskDir(layout, id)),
        journalBytes: existsSync(journal) ? statSync(journal).size : 0,
      };
    }),
  );
  return {
    v: TASK_VERSION,
    epoch,
    boxd: basename(fileURLToPath(import.meta.url)),
    node: process.version,
    git,
    bwrap,
    rung,
    freeBytes: freeBytes(layout.root),
    oomKills: readOomKills(),
    tasks,
  };
}
