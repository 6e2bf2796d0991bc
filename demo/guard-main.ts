import { readFileSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endContainers } from "./docker-host.ts";
import type { GuardMessage } from "./guard.ts";

/**
 * The guard process: waits until the demo's channel closes, then ends what it was told to watch. Its own end is its answer.
 */
const POLL_MS = 50;
/** The App lets go of its runs in seconds when it is asked to end. */
const POLITE_MS = 15_000;
/** A killed process is gone at once, but for one that waits on a dead disk. */
const KILL_MS = 5_000;
/** Where a shell of the person's own stands; no mark of ours. */
const NOT_OURS = /^(?:OLD)?PWD=/u;

let plan: Extract<GuardMessage, { kind: "plan" }> | null = null;
const watched = new Map<number, string | null>();

process.on("message", (message: GuardMessage) => {
  if (message.kind === "plan") plan = message;
  else watched.set(message.pid, birth(message.pid));
});
// A signal to the whole group is meant for the demo; the guard goes last.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.once("disconnect", () => void end());

async function end(): Promise<void> {
  const still = (): number[] =>
    [...watched].filter(([pid, born]) => born !== null && birth(pid) === born).map(([pid]) => pid);
  await endAll(still, "SIGTERM", POLITE_MS);
  await endAll(still, "SIGKILL", KILL_MS);
  if (plan?.endBoxes === true && process.platform === "linux") {
    const { boxes } = plan;
    await endAll(() => processesOf(boxes.dir), "SIGKILL", KILL_MS);
    // A daemon that is gone has no containers to end.
    if (boxes.docker !== null) await endContainers(boxes.docker).catch(() => undefined);
  }
  if (plan?.remove === true) rmSync(plan.dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

async function endAll(find: () => number[], signal: NodeJS.Signals, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  const told = new Set<number>();
  for (let left = find(); left.length > 0 && Date.now() < until; left = find()) {
    for (const pid of left.filter((one) => !told.has(one))) {
      told.add(pid);
      kill(pid, signal);
    }
    await sleep(POLL_MS);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone in between: what was wanted.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Processes whose command line or environment says that they belong to a local box, or serve them. */
function processesOf(boxesDir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOf(pid, boxesDir));
}

function isOf(pid: number, boxesDir: string): boolean {
  if (words(`/proc/${pid}/cmdline`).some((word) => word.includes(boxesDir))) return true;
  return words(`/proc/${pid}/environ`).some((word) => !NOT_OURS.test(word) && word.includes(`=${boxesDir}/`));
}

function words(file: string): string[] {
  return read(file)?.split("\0") ?? [];
}

/** When a process began, in ticks since the machine did: with its number it names it for good. Null when it is not there. */
function birth(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  // The name may hold spaces and brackets; what follows the last bracket is fixed. A zombie is gone but for its parent's look.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === null && process.platform !== "linux") return alive(pid) ? "there" : null;
  return fields === undefined || fields[0] === "Z" ? null : (fields[19] ?? null);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process, or not ours.
    return false;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process is gone, or another user's, or this is no Linux.
    return null;
  }
}
