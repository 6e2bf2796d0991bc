/** A small real host for the engine's tests: real processes, each in a process group of its own. */

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type {
  EngineEvent,
  EngineHost,
  Program,
  ProgramEnd,
} from "../../../runner-bootstrap/boxd/steps/host.ts";

/** How long a program has after INT, and after TERM; short, for tests wait for it. */
const GRACE_MS = 300;

export type Bench = {
  readonly host: EngineHost;
  readonly root: string;
  readonly events: EngineEvent[];
  readonly masks: string[];
  readonly cancel: () => void;
  readonly log: (step?: number) => string;
  readonly remove: () => void;
};

export function openBench(over: Partial<EngineHost> = {}): Bench {
  const root = mkdtempSync(join(tmpdir(), "engine-"));
  const place = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const events: EngineEvent[] = [];
  const masks: string[] = [];
  const logged: { step: number; text: string }[] = [];
  const cancelling = new AbortController();
  const host: EngineHost = {
    places: {
      workspace: place("work/repo"),
      temp: place("temp"),
      toolCache: place("tools"),
      home: place("home"),
      actions: place("actions"),
      files: place("files"),
    },
    node: process.execPath,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: join(root, "home") },
    services: { ACTIONS_RUNTIME_TOKEN: "runtime-token" },
    docker: { missing: "not in these tests" },
    spawn: run,
    log: (step, text) => void logged.push({ step, text: Buffer.from(text).toString("utf8") }),
    event: (event) => void events.push(event),
    mask: (value) => void masks.push(value),
    masked: (text) => masks.reduce((rest, mask) => rest.replaceAll(mask, "***"), text),
    isRefusedName: (name) => name === "LD_PRELOAD",
    cancelled: cancelling.signal,
    now: Date.now,
    ...over,
  };
  return {
    host,
    root,
    events,
    masks,
    cancel: () => cancelling.abort(),
    log: (step) =>
      logged
        .filter((one) => step === undefined || one.step === step)
        .map(({ text }) => text)
        .join(""),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Ends when the program has ended and its output is read; what it left running is killed then. */
function run(program: Program): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const [file = "", ...args] = program.argv;
    const child = spawn(file, args, {
      cwd: program.cwd,
      env: { ...program.env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timers: NodeJS.Timeout[] = [];
    let timedOut = false;
    const kill = (name: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // Gone already.
      }
    };
    const end = (): void => {
      kill("SIGINT");
      timers.push(
        setTimeout(() => kill("SIGTERM"), GRACE_MS),
        setTimeout(() => kill("SIGKILL"), 2 * GRACE_MS),
      );
    };
    if (program.timeoutMs !== undefined)
      timers.push(
        setTimeout(() => {
          timedOut = true;
          end();
        }, program.timeoutMs),
      );
    program.signal?.addEventListener("abort", end, { once: true });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", program.onOutput);
    const done = (result: ProgramEnd): void => {
      for (const timer of timers) clearTimeout(timer);
      program.signal?.removeEventListener("abort", end);
      kill("SIGKILL");
      resolve(timedOut ? { ...result, timedOut } : result);
    };
    child.once("error", (error) => done({ error: error.message }));
    child.once("close", (code, signal) => done(signal === null ? { code: code ?? 0 } : { signal }));
  });
}
