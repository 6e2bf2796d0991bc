/** Looking at and signalling processes through /proc. */

import { readFileSync, readdirSync, readlinkSync } from "node:fs";

import { startTimeOf, statOf } from "../epoch.ts";

/** All pids seen in /proc at this moment. */
export function allPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** True for a process that runs; a zombie is only waiting to be counted by its parent. */
export function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Sends a signal; false when the process is gone or not ours to end. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // ESRCH or EPERM: the caller verifies by looking, not by this answer.
  }
}

/** `name (pid)` for a message to people. */
export function describeProcess(pid: number): string {
  return `${statOf(pid)?.name ?? "gone"} (${pid})`;
}

/** Processes in the PID namespaces whose links are given. */
export function membersOfNamespaces(links: ReadonlySet<string>): number[] {
  if (links.size === 0) return [];
  return allPids().filter((pid) => links.has(namespaceOf(pid) ?? "") && isAlive(pid));
}

/** The link that names a process's PID namespace, or undefined when it cannot be seen. */
export function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // Gone, or another user's.
  }
}

/** All descendants of `root` by parent pid, itself included, that are alive. */
export function treeOf(root: number): number[] {
  const byParent = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = statOf(pid)?.parent;
    if (parent !== undefined) byParent.set(parent, [...(byParent.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    if (isAlive(pid)) found.push(pid);
    queue.push(...(byParent.get(pid) ?? []));
  }
  return found;
}

/** True when this process carries `CRABBOX_TASK=id` in the environment it was started with. */
export function hasMarker(pid: number, id: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`.includes(`\0CRABBOX_TASK=${id}\0`);
  } catch {
    return false; // Gone, or another user's.
  }
}

/** Where a process stands, or undefined. */
export function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // Gone, or another user's.
  }
}

/** True when pid and start time still name the same process. */
export function isSameProcess(root: { readonly pid: number; readonly startTime: string }): boolean {
  return startTimeOf(root.pid) === root.startTime;
}
