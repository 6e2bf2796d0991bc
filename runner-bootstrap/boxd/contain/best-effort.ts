/** The last rung: nothing of the kernel's holds the processes together, so they are looked for. */

import type { Containment } from "./containment.ts";
import { allPids, hasMarker, isAlive, signal, treeOf, workingDirectoryOf } from "./processes.ts";

/** A process that forks all the time is never caught by a listing; more rounds do not help. */
const ROUNDS = 50;

/**
 * Finds members by parent, by session, by the marker in their environment, and by standing in the work tree. Misses a
 * daemon that cleared its environment and left the tree: such a box is not kept.
 */
export function bestEffortContainment(
  id: string,
  workTrees: readonly string[],
  known: readonly number[] = [],
): Containment {
  const roots = new Set<number>(known);
  const members = (): number[] => {
    const below = new Set([...roots].flatMap(treeOf));
    return allPids().filter(
      (pid) =>
        pid !== process.pid &&
        isAlive(pid) &&
        (below.has(pid) || hasMarker(pid, id) || standsIn(pid, workTrees)),
    );
  };
  return {
    rung: "best-effort",
    wrap: (argv) => [...argv],
    adopt: (pid) => roots.add(pid),
    members,
    killAll() {
      for (const root of roots) signal(-root, "SIGKILL");
      for (let round = 0; round < ROUNDS; round += 1) {
        const alive = members();
        if (alive.length === 0) return;
        // Stopped first, all of them: what stands still starts nothing new.
        for (const pid of alive) signal(pid, "SIGSTOP");
        for (const pid of alive) signal(pid, "SIGKILL");
      }
    },
    dispose: () => undefined,
  };
}

function standsIn(pid: number, workTrees: readonly string[]): boolean {
  const at = workingDirectoryOf(pid);
  return at !== undefined && workTrees.some((tree) => at === tree || at.startsWith(`${tree}/`));
}
