/** Which life of the box this is. */

import { readFileSync } from "node:fs";

/**
 * Boot id and start time of PID 1: the boot id alone is the host's, and misses a container that was started again.
 * Equal strings mean that no process of then has been ended by a restart since.
 */
export function readEpoch(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return `${boot}/${startTimeOf(1) ?? "0"}`;
}

/** Start time of a process in clock ticks since boot, or undefined when it is gone. With the pid it names one process. */
export function startTimeOf(pid: number): string | undefined {
  return statOf(pid)?.startTime;
}

/** State letter, parent, session and start time of a process, or undefined when it is gone. */
export function statOf(pid: number):
  | {
      readonly state: string;
      readonly parent: number;
      readonly session: number;
      readonly startTime: string;
      readonly name: string;
    }
  | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // Gone, or not ours to see: both mean that nothing can be said of it.
  }
  // The name stands in brackets and may contain spaces and brackets itself.
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  return {
    state: fields[0] ?? "?",
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startTime: fields[19] ?? "0",
    name: text.slice(text.indexOf("(") + 1, close),
  };
}
