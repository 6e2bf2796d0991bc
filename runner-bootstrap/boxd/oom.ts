/** Counting the kernel's out-of-memory kills: an exit code says nothing of them. */

import { readFileSync } from "node:fs";

/** Kills since boot on this box (in a container: the host's), or 0 where the kernel does not count them. */
export function readOomKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "latin1"))?.[1] ?? 0);
}
