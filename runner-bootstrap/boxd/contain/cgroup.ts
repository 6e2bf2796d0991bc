/** Rungs 2 and 3: a cgroup of our own, as root. The kernel ends all of it at once. */

import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { errno } from "../once.ts";
import type { Containment } from "./containment.ts";
import { isAlive, signal } from "./processes.ts";

/** Where cgroup2 is: alone, or beside v1 controllers. */
const CGROUP2_ROOTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
const FREEZER_ROOT = "/sys/fs/cgroup/freezer";
/** Freezing takes microseconds; a process in uninterruptible sleep may never freeze. */
const FREEZE_ROUNDS = 1_000;

/** The directory under which cgroup2 groups can be made and killed, or undefined. */
export function cgroup2Root(): string | undefined {
  return CGROUP2_ROOTS.find(
    (root) => existsSync(join(root, "cgroup.controllers")) && canMake(root, "cgroup.kill"),
  );
}

/** The same for the cgroup1 freezer. */
export function freezerRoot(): string | undefined {
  return existsSync(FREEZER_ROOT) && canMake(FREEZER_ROOT, "freezer.state") ? FREEZER_ROOT : undefined;
}

/** A containment in the cgroup at `dir`, made when it is not there. */
export function cgroupContainment(rung: "cgroup2" | "cgroup1-freezer", dir: string): Containment {
  mkdirSync(dir, { recursive: true });
  const members = (): number[] => pidsBelow(dir).filter(isAlive);
  return {
    rung,
    // The shell moves itself before it becomes the command: nothing of the command ever runs outside.
    wrap: (argv, shell) => [...shell, 'echo 0 >"$0" && exec "$@"', join(dir, "cgroup.procs"), ...argv],
    adopt: () => undefined,
    members,
    killAll: () => (rung === "cgroup2" ? writeFileSync(join(dir, "cgroup.kill"), "1") : freezeAndKill(dir)),
    dispose: () => removeBelow(dir),
  };
}

function freezeAndKill(dir: string): void {
  const groups = groupsBelow(dir);
  for (const group of groups) writeFileSync(join(group, "freezer.state"), "FROZEN");
  for (let round = 0; round < FREEZE_ROUNDS; round += 1) {
    if (groups.every((group) => readFileSync(join(group, "freezer.state"), "latin1").trim() === "FROZEN"))
      break;
  }
  for (const pid of pidsBelow(dir)) signal(pid, "SIGKILL");
  for (const group of groups.reverse()) writeFileSync(join(group, "freezer.state"), "THAWED");
}

function groupsBelow(dir: string): string[] {
  try {
    const inner = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [dir, ...inner.flatMap((entry) => groupsBelow(join(dir, entry.name)))];
  } catch (error) {
    if (errno(error) === "ENOENT") return [];
    throw error;
  }
}

function pidsBelow(dir: string): number[] {
  return groupsBelow(dir).flatMap((group) => {
    try {
      return readFileSync(join(group, "cgroup.procs"), "latin1").split("\n").filter(Boolean).map(Number);
    } catch (error) {
      if (errno(error) === "ENOENT" || errno(error) === "ENODEV") return [];
      throw error;
    }
  });
}

function removeBelow(dir: string): void {
  for (const group of groupsBelow(dir).reverse()) {
    try {
      rmdirSync(group);
    } catch (error) {
      // EBUSY: a zombie is still counted; sweep comes by again.
      if (errno(error) !== "EBUSY" && errno(error) !== "ENOENT") throw error;
    }
  }
}

function canMake(root: string, file: string): boolean {
  const probe = join(root, `crabbox-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    const works = existsSync(join(probe, file));
    rmdirSync(probe);
    return works;
  } catch {
    return false; // Not root, or read-only: the next rung.
  }
}
