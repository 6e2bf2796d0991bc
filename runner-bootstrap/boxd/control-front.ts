/** `cancel`, `extend`, `token`: one JSON line from stdin to the task's supervisor. */

import { renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { CONTROL_LINE_MAX_BYTES, parseControl } from "./control.ts";
import type { Layout } from "./layout.ts";
import { makeLayout, taskDir } from "./layout.ts";
import { firstLine } from "./lines.ts";
import { connectSupervisor, taskState } from "./state.ts";
import { FRONT_EXIT } from "./task.ts";

/** The file the dead-man's switch reads: epoch seconds. */
export const EXPIRES_FILE = "expires-at";

/**
 * Sends the message and prints `{"id","state","told"}`. A task that is not alive is told nothing; that is no failure,
 * so all three are safe to repeat. `extend` also moves the dead-man's switch when `expiresAt` (epoch ms) is given;
 * with the id `-` only that.
 */
export async function controlTask(
  layout: Layout,
  op: "cancel" | "extend" | "token",
  id: string,
): Promise<number> {
  const line = await firstLine(process.stdin, CONTROL_LINE_MAX_BYTES);
  const value = parseObject(typeof line === "string" ? line : "{}");
  const { expiresAt } = value;
  if (op === "extend" && expiresAt !== undefined) {
    if (typeof expiresAt !== "number" || !Number.isSafeInteger(expiresAt) || expiresAt < 0)
      return refuse("expiresAt: expected epoch milliseconds");
    moveSwitch(layout, expiresAt);
  }
  const message = JSON.stringify({ ...value, op });
  const isForTask = id !== "-" && (op !== "extend" || value["deadlineAt"] !== undefined);
  if (isForTask && parseControl(message) === undefined)
    return refuse(`${op}: the line on stdin lacks what it needs`);
  const told = isForTask && (await tell(taskDir(layout, id), message));
  const state = id === "-" ? "absent" : await taskState(layout, id);
  writeSync(1, `${JSON.stringify({ id, state, told })}\n`);
  return FRONT_EXIT.complete;
}

function moveSwitch(layout: Layout, expiresAt: number): void {
  makeLayout(layout);
  const file = join(layout.root, EXPIRES_FILE);
  writeFileSync(`${file}.${process.pid}`, `${Math.ceil(expiresAt / 1000)}\n`, { mode: 0o644 });
  renameSync(`${file}.${process.pid}`, file);
}

async function tell(dir: string, message: string): Promise<boolean> {
  const socket = await connectSupervisor(dir);
  if (socket === undefined) return false;
  socket.write(`${message}\n`);
  const answer = await firstLine(socket, CONTROL_LINE_MAX_BYTES);
  socket.destroy();
  return typeof answer === "string";
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {}; // Refused right after, for what it lacks.
  }
}

function refuse(reason: string): number {
  writeSync(2, `${reason}\n`);
  return FRONT_EXIT.refused;
}
