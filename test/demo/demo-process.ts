import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "..", "..", "demo", "main.ts");

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type DemoProcess = {
  readonly pid: number;
  readonly stdout: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
};

/** Starts the demo as people do, but for the set-up. */
export function startDemoProcess(argv: readonly string[], env: NodeJS.ProcessEnv = {}): DemoProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => {
      child.once("close", (code) => resolve({ code, stdout, stderr }));
    }),
  };
}

/** Runs the demo to its end. */
export function runDemoProcess(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startDemoProcess(argv, env).ended;
}

export type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Every line as JSON; throws for one that is not. */
export function jsonLines(stdout: string): readonly Line[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

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
