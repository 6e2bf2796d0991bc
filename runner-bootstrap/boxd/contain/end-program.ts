/** Ends one program of several, and leaves what else the task runs alone. */

import { setTimeout as delay } from "node:timers/promises";

import { insideOnly } from "./end-all.ts";
import { signal, treeOf } from "./processes.ts";

/** How GitHub's runner shares a program's time between INT and TERM: 7.5 s and 2.5 s (ProcessInvoker.cs). */
const SHARES = [
  ["SIGINT", 0.75],
  ["SIGTERM", 0.25],
] as const;
/** A process may start another one between two looks. */
const KILL_ROUNDS = 20;
const KILL_PAUSE_MS = 20;

/**
 * INT, then TERM, then KILL to the program and its descendants, `graceMs` in all before KILL. What has left its tree is
 * ended with the task. Resolves when `ended` did, or when nothing more can be done. With `isNested` the program's outer
 * process gets nothing but KILL, because all inside would be killed with it.
 */
export async function endProgram(
  root: number,
  ended: Promise<unknown>,
  graceMs: number,
  isNested: boolean,
): Promise<void> {
  const within = async (ms: number): Promise<boolean> =>
    Promise.race([ended.then(() => true), delay(ms, false, { ref: false })]);
  for (const [name, share] of SHARES) {
    const tree = treeOf(root);
    for (const pid of isNested ? insideOnly(tree) : tree) signal(pid, name);
    if (await within(graceMs * share)) return;
  }
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    for (const pid of treeOf(root)) signal(pid, "SIGKILL");
    if (await within(KILL_PAUSE_MS)) return;
  }
}
