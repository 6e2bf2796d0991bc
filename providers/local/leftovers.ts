import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A process that forks all the time is never caught by a listing: after this many looks it has survived. */
const ROUNDS = 40;
const ROUND_MS = 100;

/**
 * Kills every process that belongs to a box (its directory in the environment it was started with, or where it
 * stands) and looks again until none is left. Answers the names of those that stayed.
 */
export async function endLeftovers(
  boxDir: string,
  sleep: (ms: number) => Promise<void>,
): Promise<readonly string[]> {
  let seenNone = false;
  let left: readonly string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = processesOf(boxDir);
    // Twice: one look may fall between the end of a process and the start of its child.
    if (pids.length === 0 && seenNone) return [];
    seenNone = pids.length === 0;
    if (!seenNone) left = pids.map(nameOf);
    // Stopped first, all of them: what stands still starts nothing new.
    for (const pid of pids) kill(pid, "SIGSTOP");
    for (const pid of pids) kill(pid, "SIGKILL");
    await sleep(ROUND_MS);
  }
  return left;
}

function processesOf(boxDir: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongs(pid, boxDir) && isAlive(pid));
}

function belongs(pid: number, boxDir: string): boolean {
  const cwd = look(() => readlinkSync(`/proc/${pid}/cwd`));
  if (cwd === boxDir || cwd.startsWith(`${boxDir}/`)) return true;
  return names(
    look(() => readFileSync(`/proc/${pid}/environ`, "latin1")),
    boxDir,
  );
}

/** Whether a text has the directory or a path below it: `boxes/1` is not in `boxes/10`. */
function names(text: string, boxDir: string): boolean {
  for (let at = text.indexOf(boxDir); at !== -1; at = text.indexOf(boxDir, at + 1))
    if (!/[\w.-]/.test(text.charAt(at + boxDir.length))) return true;
  return false;
}

function isAlive(pid: number): boolean {
  const state = look(() => readFileSync(`/proc/${pid}/stat`, "latin1")).match(/\) (\S)/)?.[1];
  // A zombie only waits for its parent.
  return state !== undefined && state !== "Z" && state !== "X";
}

function nameOf(pid: number): string {
  return `${look(() => readFileSync(`/proc/${pid}/comm`, "utf8")).trim()} (${pid})`;
}

function look(read: () => string): string {
  try {
    return read();
  } catch {
    // Gone, or another user's: then it is not this box's.
    return "";
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or not ours to end: the next look decides.
  }
}
