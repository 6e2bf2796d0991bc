import { readFileSync, readdirSync } from "node:fs";

/** Processes whose command line or environment names a directory. */
export function processesOf(dir: string): readonly number[] {
  const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return names.map(Number).filter((pid) => pid !== process.pid && mentions(pid, dir));
}

/** Kills whatever still belongs to a test's directory. */
export function killAllOf(dir: string): void {
  for (const pid of processesOf(dir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      // Gone in between.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

function mentions(pid: number, dir: string): boolean {
  try {
    return ["cmdline", "environ"].some((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").includes(dir));
  } catch {
    // Gone in between, or another user's.
    return false;
  }
}
