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

export type TestHost = EngineHost & {
  /** All that was logged for steps. */
  readonly logged: () => string;
  readonly events: readonly EngineEvent[];
  readonly masks: readonly string[];
  readonly cancel: () => void;
  readonly remove: () => void;
};

/** A host of real directories and processes. */
export function testHost(docker: EngineHost["docker"]): TestHost {
  const root = mkdtempSync(join(tmpdir(), "crabbox-steps-docker-"));
  const place = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const log: Uint8Array[] = [];
  const events: EngineEvent[] = [];
  const masks: string[] = [];
  const cancelled = new AbortController();
  return {
    places: {
      workspace: place("work"),
      temp: place("temp"),
      toolCache: place("tools"),
      home: place("home"),
      actions: place("actions"),
      files: place("files"),
    },
    node: process.execPath,
    env: { PATH: process.env["PATH"] ?? "", HOME: join(root, "home") },
    services: {},
    docker,
    spawn: run,
    log: (_step, text) => log.push(text),
    event: (event) => events.push(event),
    mask: (value) => masks.push(value),
    masked: (text) => masks.reduce((rest, mask) => rest.replaceAll(mask, "***"), text),
    isRefusedName: () => false,
    cancelled: cancelled.signal,
    now: Date.now,
    logged: () => Buffer.concat(log).toString("utf8"),
    events,
    masks,
    cancel: () => cancelled.abort(),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function run(program: Program): Promise<ProgramEnd> {
  const [command = "", ...args] = program.argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: program.cwd,
      env: program.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = () => child.kill("SIGKILL");
    let timedOut = false;
    const late = () => {
      timedOut = true;
      kill();
    };
    const timer = program.timeoutMs === undefined ? undefined : setTimeout(late, program.timeoutMs);
    if (program.signal?.aborted === true) kill();
    program.signal?.addEventListener("abort", kill, { once: true });
    child.stdout.on("data", program.onOutput);
    child.stderr.on("data", program.onOutput);
    child.on("error", (error) => resolve({ error: error.message }));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      program.signal?.removeEventListener("abort", kill);
      const end = code === null ? { signal: signal ?? "unknown" } : { code };
      resolve(timedOut ? { ...end, timedOut } : end);
    });
  });
}
