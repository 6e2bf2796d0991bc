/** The supervisor: owns one task from its claim to its exit record, whoever listens meanwhile. */

import { rmSync, writeSync } from "node:fs";
import type { Server } from "node:net";

import { isDiskFull, claimTask, linkGo, makeStaging } from "./claim.ts";
import type { Control } from "./control.ts";
import { listenControl } from "./control.ts";
import { readEpoch } from "./epoch.ts";
import type { Fifo } from "./fifo.ts";
import { makeFifos } from "./fifo.ts";
import type { Layout } from "./layout.ts";
import { makeLayout, taskDir } from "./layout.ts";
import { firstLine } from "./lines.ts";
import { TASK_LINE_MAX_BYTES, parseTask } from "./parse-task.ts";
import type { Probe } from "./probe.ts";
import { probeBox } from "./probe.ts";
import { gitBaseEnvironment } from "./sync/git.ts";
import type { ReadyShells } from "./sync/shells.ts";
import { readyShells } from "./sync/shells.ts";
import { runTask } from "./run-task.ts";

/** What the supervisor tells the front that started it, one line each. */
export type SupervisorWord =
  | { readonly say: "ready" }
  | { readonly say: "claimed" | "attached"; readonly id: string }
  | { readonly say: "refused"; readonly reason: string }
  | { readonly say: "disk_full" };

/** The command needs one; hydration makes its own. */
const FIFOS_AHEAD = 1;
/** A sync of one more commit: fetch, status, clean, read-tree, diff-index. */
const SHELLS_AHEAD = 5;

type Prepared = {
  readonly staging: string;
  readonly fifos: Fifo[];
  readonly shells: ReadyShells;
  readonly probe: Probe;
  readonly server: Server;
  onControl: (control: Control) => void;
};

/** Prepares, says `ready`, waits for one line on stdin, claims and runs. Ends at once when stdin ends without one. */
export async function supervise(layout: Layout): Promise<void> {
  // The front may die at any time: the task goes on without it.
  process.on("SIGHUP", () => undefined);
  process.stdout.on("error", () => undefined);
  const prepared = await prepare(layout);
  say({ say: "ready" });
  const line = await firstLine(process.stdin, TASK_LINE_MAX_BYTES);
  process.stdin.destroy();
  const drop = (): void => {
    if (prepared !== "disk_full") rmSync(prepared.staging, { recursive: true, force: true });
  };
  if (typeof line !== "string") {
    drop();
    if (line !== undefined)
      say({ say: "refused", reason: `the task is longer than ${TASK_LINE_MAX_BYTES} bytes` });
    return process.exit(0);
  }
  const parsed = parseTask(line);
  if ("refused" in parsed) {
    drop();
    say({ say: "refused", reason: parsed.refused });
    return process.exit(0);
  }
  const { task } = parsed;
  if (prepared === "disk_full" || !claim(layout, prepared, task)) {
    say(prepared === "disk_full" ? { say: "disk_full" } : { say: "attached", id: task.id });
    return process.exit(0);
  }
  say({ say: "claimed", id: task.id });
  const dir = taskDir(layout, task.id);
  // The epoch is read anew: a container's checkpoint may have been restored while this waited.
  const epoch = readEpoch();
  if (!linkGo(dir, { pid: process.pid, epoch, at: Date.now(), rung: prepared.probe.rung }))
    return process.exit(0);
  await runTask(
    {
      layout,
      dir,
      epoch,
      probe: prepared.probe,
      fifos: prepared.fifos,
      shells: prepared.shells,
      listen: (handler) => (prepared.onControl = handler),
    },
    task,
  );
  return process.exit(0);
}

async function prepare(layout: Layout): Promise<Prepared | "disk_full"> {
  try {
    makeLayout(layout);
    const staging = makeStaging(layout);
    const waiting: Control[] = [];
    let handler: ((control: Control) => void) | undefined;
    const server = await listenControl(staging, (control) =>
      handler === undefined ? waiting.push(control) : handler(control),
    );
    return {
      staging,
      server,
      probe: probeBox(layout.root),
      fifos: makeFifos(layout.run, FIFOS_AHEAD),
      shells: readyShells(SHELLS_AHEAD, gitBaseEnvironment()),
      set onControl(value: (control: Control) => void) {
        handler = value;
        for (const control of waiting.splice(0)) value(control);
      },
    };
  } catch (error) {
    if (isDiskFull(error)) return "disk_full";
    throw error;
  }
}

function claim(layout: Layout, prepared: Prepared, task: Parameters<typeof claimTask>[2]): boolean {
  return claimTask(layout, prepared.staging, task);
}

function say(word: SupervisorWord): void {
  try {
    writeSync(1, `${JSON.stringify(word)}\n`);
  } catch {
    // The front is gone; nobody else waits for this word.
  }
}
