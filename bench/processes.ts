import { readdirSync, readFileSync } from "node:fs";

const MIB = 1024 * 1024;
const PAGE_BYTES = 4096;

/** Processes whose command line holds all `words`. */
export function processesWith(...words: readonly string[]): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => words.every((word) => readOf(`/proc/${pid}/cmdline`).includes(word)))
    .map(Number);
}

/** Resident memory of the largest of these processes, in MiB; 0 when all have ended. */
export function residentMib(pids: readonly number[]): number {
  const sizes = pids.map((pid) => Number(readOf(`/proc/${pid}/statm`).split(" ")[1] ?? 0));
  return (Math.max(0, ...sizes) * PAGE_BYTES) / MIB;
}

function readOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // Ended meanwhile.
  }
}
