/** Programs of boxd's own that no task's containment holds: the docker client that removes containers when their task is over. */

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

import { statOf } from "../epoch.ts";
import type { ProgramEnd } from "../steps/host.ts";
import { allPids, isAlive, signal, treeOf } from "./processes.ts";

export type OwnProgram = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly onOutput: (chunk: Uint8Array) => void;
};

/** A process may start another one between two looks; one in uninterruptible sleep may never go. */
const KILL_ROUNDS = 100;
const KILL_PAUSE_MS = 20;

/**
 * Runs a program in a session of its own until it and its output have ended, or until `over`: then it is killed with its session, also
 * what has outlived its first process, and with its descendants in other sessions. A child that has left the session and outlived its
 * parent is not found. Never rejects.
 */
export async function runOwn(program: OwnProgram, over: AbortSignal): Promise<ProgramEnd> {
  if (over.aborted) return { timedOut: true };
  const { argv, env, cwd, onOutput } = program;
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", onOutput);
  let abort = (): void => undefined;
  const aborted = new Promise<"over">((resolve) => {
    abort = () => resolve("over");
    over.addEventListener("abort", abort, { once: true });
  });
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error) => resolve({ error: error.message }));
    child.once("close", (code, name) => resolve(code === null ? { signal: name ?? "" } : { code }));
  });
  const first = await Promise.race([ended, aborted]);
  over.removeEventListener("abort", abort);
  if (first !== "over") return first;
  if (child.pid !== undefined)
    await killSession(child.pid, () => child.exitCode === null && child.signalCode === null);
  // Whatever could not be killed must not keep this process waiting for its output.
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  return { timedOut: true };
}

/**
 * By session and by parent: a shell may give its children groups of their own, and a child may have left the session. Once the leader is
 * no longer ours (`isOurs`: not waited for yet), its number may be another's: no number is given anew while a session has it, so that
 * whoever bears it then has a session of his own.
 */
async function killSession(leader: number, isOurs: () => boolean): Promise<void> {
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    if (!isOurs() && statOf(leader) !== undefined) return;
    const session = allPids().filter((pid) => statOf(pid)?.session === leader && isAlive(pid));
    const alive = new Set([...(isOurs() ? treeOf(leader) : []), ...session]);
    if (alive.size === 0) return;
    for (const pid of alive) signal(pid, "SIGKILL");
    await delay(KILL_PAUSE_MS);
  }
}
