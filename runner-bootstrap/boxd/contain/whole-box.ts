/** A container that is the box and holds nothing else: what the box's keepers did not start is the task's. */

import { statSync } from "node:fs";

import { statOf } from "../epoch.ts";
import type { Containment } from "./containment.ts";
import { allPids, isAlive, signal, treeOf } from "./processes.ts";

/** Made by the container's first process, as root, before anybody can log in. */
const SIGN = "/run/crabbox/box";
/** A process that forks all the time is caught once all are stopped; more rounds do not help. */
const ROUNDS = 50;
/** What the kernel tells of a parent outside of the PID namespace; an orphan's new parent is process 1. */
const OUTSIDE = 0;

/** Whether this machine is such a container. Nobody but root can make the sign, and commands there never are root. */
export function isWholeBox(): boolean {
  try {
    return process.getuid?.() !== 0 && statSync(SIGN).uid === 0;
  } catch {
    return false; // No sign, no box of that kind.
  }
}

/**
 * Members are `known` with their descendants, and every process of the box's user outside of the keepers' trees: those
 * of process 1, of what was started from outside the container (sshd, and with it all log-ins), and of boxd itself. A
 * daemon that left its session, its parents and its environment behind is found, for it has nowhere else to go.
 */
export function wholeBoxContainment(known: readonly number[] = []): Containment {
  const roots = new Set<number>(known);
  const members = (): number[] => {
    const own = new Set([...roots].flatMap(treeOf));
    const keepers = keptPids();
    return allPids().filter(
      (pid) => pid !== process.pid && isAlive(pid) && (own.has(pid) || !keepers.has(pid)),
    );
  };
  return {
    rung: "container",
    wrap: (argv) => [...argv],
    adopt: (pid) => roots.add(pid),
    members,
    killAll() {
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

function keptPids(): ReadonlySet<number> {
  const keepers = new Set<number>([1, process.pid, ...treeOf(process.pid)]);
  for (const pid of allPids()) {
    if (isForeign(pid)) keepers.add(pid);
    else if (statOf(pid)?.parent === OUTSIDE) for (const one of treeOf(pid)) keepers.add(one);
  }
  return keepers;
}

/** Root's, then: no signal of ours would reach it, and no command of the box's user can start it. */
function isForeign(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid !== process.getuid?.();
  } catch {
    return false; // Gone: the caller looks whether it is alive.
  }
}
