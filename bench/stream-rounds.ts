import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { processesWith, residentMib } from "./processes.ts";

import type { BoxStage } from "./box-stage.ts";

/** The command's first line; both files begin with it, ours after the events before it. */
const BEGIN = "echo begin=$EPOCHREALTIME";
const BEGIN_FORM = /begin=(\d+)[.,](\d{6})/;
const HEAD_BYTES = 4_096;
const LOOK_MS = 4;
const MEMORY_EVERY_MS = 200;
/** Twice the largest stream and a bit: the box's journal and the App's copy lie on one machine here. */
const WARM_MIB = 2_600;

/** MiB resident, at one moment. */
export type Memory = {
  readonly atMs: number;
  readonly app: number;
  readonly supervisor: number;
  readonly front: number;
};
export type Streamed = { readonly ms: number; readonly memory: readonly Memory[] };

/**
 * Writes and forgets what a stream will need of the page cache. On a virtual machine a page that was not used lately costs a
 * round to the host (measured: 0.2 s a gigabyte with such pages, 3.3 s without), and whoever comes first would pay for the other.
 */
export function warmPages(box: BoxStage): void {
  const path = join(box.dir, "warm");
  const out = openSync(path, "w");
  const piece = Buffer.alloc(1024 * 1024, 1);
  for (let at = 0; at < WARM_MIB; at += 1) writeSync(out, piece);
  closeSync(out);
  rmSync(path);
}

/** `ssh host CMD > file`: from the command's own first moment to the last byte in the file. */
export async function streamByHand(box: BoxStage, command: string, bytes: number): Promise<number> {
  const path = join(box.dir, "by-hand.out");
  const out = openSync(path, "w");
  const child = spawn("ssh", [...box.hand.argv, `${BEGIN}; ${command}`], {
    stdio: ["ignore", out, "inherit"],
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  closeSync(out);
  const { size, mtimeMs } = statSync(path);
  const beganAt = beginOf(path);
  rmSync(path);
  if (code !== 0 || size < bytes) throw new Error(`by hand: exit ${String(code)}, ${size} bytes of ${bytes}`);
  return mtimeMs - beganAt;
}

/** The same as a run: until the App's copy of the log has the last byte. Watches the memory of everybody on the way. */
export async function streamByApp(box: BoxStage, command: string, bytes: number): Promise<Streamed> {
  const logs = join(box.stage.app.stateDir, "logs");
  const before = new Set(journalsBelow(logs));
  const check = box.stage.run(`/crabbox run -- ${BEGIN}; ${command}`);
  const state = { isOver: false };
  const over = () => {
    state.isOver = true;
  };
  void check.then(over, over);
  const memory: Memory[] = [];
  const began = performance.now();
  let path = "";
  let endedAt = 0;
  let nextLook = 0;
  let pids: ReturnType<typeof participants> | null = null;
  while (!state.isOver) {
    path ||= journalsBelow(logs).find((one) => !before.has(one)) ?? "";
    const { size, mtimeMs } = path === "" ? { size: 0, mtimeMs: 0 } : statSync(path);
    if (endedAt === 0 && size >= bytes) endedAt = mtimeMs;
    if (endedAt === 0 && size > 0 && performance.now() >= nextLook) {
      if (pids === null || pids.front.length === 0) pids = participants(box);
      memory.push({
        atMs: performance.now() - began,
        app: residentMib([box.stage.app.pid()]),
        supervisor: residentMib(pids.supervisor),
        front: residentMib(pids.front),
      });
      nextLook = performance.now() + MEMORY_EVERY_MS;
    }
    await pause(LOOK_MS);
  }
  const done = await check;
  if (done.conclusion !== "success")
    throw new Error(`the run ended as ${String(done.conclusion)}: ${done.output?.text ?? ""}`);
  if (endedAt === 0) endedAt = statSync(path).mtimeMs;
  if (statSync(path).size < bytes) throw new Error(`the copy has ${statSync(path).size} bytes of ${bytes}`);
  return { ms: endedAt - beginOf(path), memory };
}

/** The task's supervisor and whoever sends its journal over the connection: `start` first, `follow` for a long one. */
function participants(box: BoxStage): {
  readonly supervisor: readonly number[];
  readonly front: readonly number[];
} {
  const root = `${box.user.home}/`;
  return {
    supervisor: processesWith(root, "boxd-", "supervise"),
    front: [...processesWith(root, "boxd-", "follow"), ...processesWith(root, "boxd-", "\0start")],
  };
}

function beginOf(path: string): number {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(path, "r");
  const length = readSync(fd, head, 0, HEAD_BYTES, 0);
  closeSync(fd);
  const [, seconds, micros] = BEGIN_FORM.exec(head.toString("latin1", 0, length)) ?? [];
  if (seconds === undefined) throw new Error(`${path} does not begin with the command's own time`);
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

function journalsBelow(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".journal"))
      .map((name) => join(dir, name));
  } catch {
    return []; // No log was written yet.
  }
}
