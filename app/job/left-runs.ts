import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readEpoch, startTimeOf } from "../../runner-bootstrap/boxd/epoch.ts";
import { removeJobDir } from "./job-home.ts";
import { endRunsPrograms } from "./programs.ts";

/** Directories of runs begin so. */
export const RUN_DIR_PREFIX = "crabbox-job-";
const RUN_DIR = new RegExp(String.raw`^${RUN_DIR_PREFIX}[0-9a-f]{10}-`, "u");
/** In a run's directory: the process that made it. */
const OWNER_FILE = "owner";
const OWNER = /^(\S+) (\S+) \S+ (\d+)\n$/u;
/** In a run's directory: somebody removes it. */
const TAKEN = "taken";

/** Says in a run's new directory that it is this process's. */
export function claimRunDir(dir: string): void {
  const life = lifeOf(process.pid);
  if (life !== null) writeFileSync(join(dir, OWNER_FILE), `${life} ${process.pid}\n`);
}

/**
 * Removes what runs left in `parent` that were killed: their directories, copies of files from somebody's home in them, and programs of
 * their steps. Only this user's, and only where it is sure that whoever made it is gone: no run of another container, whose processes
 * cannot be seen here. What cannot be removed stays. Safe beside other runs that do the same.
 */
export function removeLeftRuns(parent: string): void {
  for (const name of readdirSync(parent)) {
    const dir = join(parent, name);
    if (!RUN_DIR.test(name) || !isOurs(dir)) continue;
    const owner = ownerOf(dir);
    if (owner === null || mayLive(owner) || !isTaken(dir, owner)) continue;
    endRunsPrograms(dir);
    try {
      removeJobDir(dir);
    } catch {
      // A container's files may be root's: the run that comes takes another place.
    }
  }
}

function isOurs(dir: string): boolean {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

function ownerOf(dir: string): string | null {
  try {
    return readFileSync(join(dir, OWNER_FILE), "utf8");
  } catch {
    // Gone meanwhile, or half removed: nothing is known of it.
    return null;
  }
}

/** A process by its start time, on this boot of the machine, among the processes that can be seen from here. */
function lifeOf(pid: number): string | null {
  try {
    return `${readEpoch()} ${readlinkSync("/proc/self/ns/pid")} ${startTimeOf(pid) ?? "gone"}`;
  } catch {
    // A kernel that does not tell: then nothing is ever taken from anybody.
    return null;
  }
}

function mayLive(owner: string): boolean {
  const said = OWNER.exec(owner);
  const pid = Number(said?.[3]);
  const life = said === null ? null : lifeOf(pid);
  // Not wholly written yet, or of a kernel that does not tell.
  if (said === null || life === null) return true;
  const [, epoch, namespace] = said;
  const [here, visible] = life.split(" ");
  if (epoch === here && namespace === visible) return owner === `${life} ${pid}\n`;
  // Another boot of the machine ended it; of another container on this one nothing can be said.
  return epoch?.split("/")[0] === here?.split("/")[0];
}

/** True for one of all that want to remove it. */
function isTaken(dir: string, owner: string): boolean {
  try {
    mkdirSync(join(dir, TAKEN));
    if (ownerOf(dir) === owner) return true;
    // Another run has removed it and put its own there since it was looked at.
    rmdirSync(join(dir, TAKEN));
  } catch {
    // Somebody else is at it, or it is gone.
  }
  return false;
}
