import { spawn } from "node:child_process";
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
