/** What a task's directory says of it, and settling what a dead supervisor left. */

import {
  existsSync,
  ftruncateSync,
  openSync,
  closeSync,
  readFileSync,
  readSync,
  fstatSync,
  statSync,
} from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";

import type { GoRecord } from "./claim.ts";
import { isDiskFull, linkExit, linkGo, wasExecuted } from "./claim.ts";
import { removeContainers } from "./containers.ts";
import { endAll } from "./contain/end-all.ts";
import { reopenContainment } from "./contain/ladder.ts";
import { readEpoch } from "./epoch.ts";
import { FRAME_HEADER_BYTES, isJournalHeader, readFrameHeader } from "./frame.ts";
import type { Layout } from "./layout.ts";
import { taskDir, withSocketPath } from "./layout.ts";
import { writeSynced } from "./once.ts";
import type { TaskState } from "./status-wire.ts";
import type { TaskExit, Why } from "./task.ts";

/** A supervisor needs milliseconds from the claim to `go`; one that did not make it in this time never will. */
export const STILLBORN_AFTER_MS = 10_000;
/** A local socket answers at once or not at all. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The supervisor's socket, connected; undefined when nobody listens: the kernel answers for a busy one, not for a dead one. */
export async function connectSupervisor(dir: string): Promise<Socket | undefined> {
  if (!existsSync(join(dir, "sock"))) return undefined;
  return new Promise((resolve) => {
    const socket = withSocketPath(dir, (path) => connect(path));
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
  });
}

/** The state of a task right now. */
export async function taskState(layout: Layout, id: string): Promise<TaskState> {
  const dir = taskDir(layout, id);
  if (!existsSync(dir)) return "absent";
  if (existsSync(join(dir, "exit"))) return "done";
  const socket = await connectSupervisor(dir);
  socket?.destroy();
  // It may have ended between the two looks.
  if (existsSync(join(dir, "exit"))) return "done";
  if (existsSync(join(dir, "go"))) return socket === undefined ? "lost" : "running";
  if (socket !== undefined) return "starting";
  return Date.now() - statSync(dir).ctimeMs > STILLBORN_AFTER_MS ? "stillborn" : "starting";
}

/** Whether nothing of the task's own runs any more, settled or not. */
export async function isOver(layout: Layout, id: string): Promise<boolean> {
  return !["running", "starting"].includes(await taskState(layout, id));
}

/** The result of a task, or undefined while there is none. */
export function readExit(dir: string): TaskExit | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, "exit"), "utf8")) as TaskExit;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Gives a task whose supervisor is dead its result, after ending what it left. A task that is alive, done or absent
 * stays as it is. Any number may settle at once; one wins. Answers the state afterwards.
 */
export async function settle(layout: Layout, id: string): Promise<TaskState> {
  const dir = taskDir(layout, id);
  const state = await taskState(layout, id);
  if (state === "stillborn" && !linkGo(dir, { void: true })) return taskState(layout, id);
  if (state !== "stillborn" && state !== "lost") return state;
  const go = JSON.parse(readFileSync(join(dir, "go"), "utf8")) as GoRecord;
  const isSameLife = "epoch" in go && go.epoch === readEpoch();
  const containment = isSameLife ? reopenContainment(dir) : undefined;
  const processes = containment === undefined ? [] : await endAll(containment, 0);
  const survivors = [...processes, ...(await removeContainers(layout, id))];
  cutTornTail(join(dir, "journal"));
  const ended: Why = "void" in go ? "never_started" : isSameLife ? "boxd_died" : "box_rebooted";
  const exit: TaskExit = {
    ...(readWhy(dir) ?? { why: ended }),
    executed: wasExecuted(dir),
    survivors,
    rung: "rung" in go ? go.rung : "best-effort",
    endedAt: Date.now(),
  };
  linkSettled(dir, exit);
  return "done";
}

/** What the supervisor wrote before it began to end the task itself. */
function readWhy(dir: string): Pick<TaskExit, "why" | "by"> | undefined {
  const file = join(dir, "why");
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Pick<TaskExit, "why" | "by">)
    : undefined;
}

/** Cuts what a dying writer or a power cut left after the last whole frame. Safe to repeat, also at once. */
function cutTornTail(path: string): void {
  if (!existsSync(path)) return;
  const fd = openSync(path, "r+");
  try {
    const size = fstatSync(fd).size;
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    let at = 0;
    while (at < size) {
      if (readSync(fd, header, 0, FRAME_HEADER_BYTES, at) < FRAME_HEADER_BYTES) break;
      const frame = readFrameHeader(header, 0);
      if (!isJournalHeader(frame) || at + FRAME_HEADER_BYTES + frame.length > size) break;
      at += FRAME_HEADER_BYTES + frame.length;
    }
    if (at < size) ftruncateSync(fd, at);
  } finally {
    closeSync(fd);
  }
}

function linkSettled(dir: string, exit: TaskExit): void {
  const own = `exit.${process.pid}.tmp`;
  try {
    writeSynced(join(dir, own), "");
    linkExit(dir, exit, own);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // The block written ahead is the only one to be had.
    linkExit(dir, exit);
  }
}
