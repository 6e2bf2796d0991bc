/** Ends everything in a containment and says what could not be ended. */

import { setTimeout as delay } from "node:timers/promises";

import type { Containment } from "./containment.ts";
import { describeProcess, namespaceOf, signal } from "./processes.ts";

/** Time for tools to put their files in order after TERM (buildkite and GitHub's runner: 10 s in all). */
export const TERM_GRACE_MS = 10_000;
/** After KILL the kernel needs a moment; a process in uninterruptible sleep may need for ever. */
const VERIFY_MS = 5_000;
const POLL_MS = 5;
/** Names of processes told; more say no more. */
const NAMES_MAX = 20;

/**
 * TERM to all, `graceMs` to end, KILL, then looked at again. Resolves to the names of those still alive. With
 * `isNested` the members run in PID namespaces of their own: the outer process of one gets no TERM, because all inside
 * would be killed with it.
 */
export async function endAll(
  containment: Containment,
  graceMs: number,
  isNested = false,
): Promise<readonly string[]> {
  const first = containment.members();
  if (first.length > 0 && graceMs > 0) {
    const targets = isNested ? insideOnly(first) : first;
    for (const pid of targets) signal(pid, "SIGTERM");
    await untilEmpty(containment, graceMs);
  }
  const end = process.hrtime.bigint() + BigInt(VERIFY_MS) * 1_000_000n;
  let alive = containment.members();
  while (alive.length > 0 && process.hrtime.bigint() < end) {
    containment.killAll();
    await delay(POLL_MS);
    alive = containment.members();
  }
  if (alive.length === 0) containment.dispose();
  return alive.slice(0, NAMES_MAX).map(describeProcess);
}

async function untilEmpty(containment: Containment, withinMs: number): Promise<void> {
  const end = process.hrtime.bigint() + BigInt(withinMs) * 1_000_000n;
  let pauseMs = POLL_MS;
  while (process.hrtime.bigint() < end && containment.members().length > 0) {
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, 100);
  }
}

/** Those in a PID namespace below ours. */
export function insideOnly(pids: readonly number[]): readonly number[] {
  const own = namespaceOf(process.pid);
  return pids.filter((pid) => namespaceOf(pid) !== own);
}
