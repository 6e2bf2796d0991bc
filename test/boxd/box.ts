import { createHash } from "node:crypto";
/** A box for the tests: boxd's real bundle in a directory, started as a real process. */

import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createFrameReader, FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import { readUnpacked, unpack } from "../../runner-bootstrap/boxd/packed.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import type { Frame } from "../../runner-bootstrap/boxd/frame.ts";
import type { Task, TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";

/** The user that tests run boxd as when they themselves run as root. */
export const PLAIN_UID = 65_534;

export type Following = {
  readonly child: ChildProcess;
  /** Journal bytes as they came, whole frames only. */
  journal(): Buffer;
  output(): string;
  events(): TaskEvent[];
  /** The exit record of 0x80. */
  exit(): TaskExit | undefined;
  /** Resolves to the front's own exit code. */
  readonly done: Promise<number | null>;
  readonly stderr: () => string;
  send(task: Task): void;
};

export type Box = {
  readonly root: string;
  readonly program: string;
  follow(argv: readonly string[], from?: Buffer): Following;
  start(task: Task, from?: Buffer): Following;
  /** Runs a short front command to its end. */
  run(argv: readonly string[], stdin?: string): { code: number; stdout: string; stderr: string };
  path(...parts: string[]): string;
  remove(): void;
};

const bundled = bundleBoxd();

/** Makes a box; as a plain user when asked for, which needs root. */
export async function makeBox(
  options: { readonly uid?: number; readonly root?: string; readonly env?: Record<string, string> } = {},
): Promise<Box> {
  const bundle = await bundled;
  const root = options.root ?? mkdtempSync(join(tmpdir(), "boxd-test-"));
  mkdirSync(root, { recursive: true });
  const program = join(root, bundle.name);
  writeFileSync(program, bundle.bytes);
  writeFileSync(join(root, bundle.hydrate.name), bundle.hydrate.bytes);
  chmodSync(root, 0o755);
  if (options.uid !== undefined) chownSync(root, options.uid, options.uid);
  const spawnOptions = {
    env: { PATH: process.env["PATH"], HOME: root, ...options.env, CRABBOX_ROOT: root },
    cwd: root,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  };
  const follow = (argv: readonly string[], from: Buffer = Buffer.alloc(0)): Following => {
    const child = spawn(process.execPath, [program, ...argv], {
      ...spawnOptions,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const parts: Buffer[] = [from];
    const outputs: Buffer[] = [];
    const events: TaskEvent[] = [];
    let exit: TaskExit | undefined;
    let stderr = "";
    const take = (frame: Frame): void => {
      if (frame.type === FRAME.packed) return readUnpacked(unpack(frame.payload), take);
      if (frame.type < 0x80) parts.push(Buffer.from(frame.raw));
      if (frame.type === 1) outputs.push(Buffer.from(frame.payload));
      if (frame.type === 2) events.push(JSON.parse(frame.payload.toString()) as TaskEvent);
      if (frame.type === 0x80) exit = JSON.parse(frame.payload.toString()) as TaskExit;
    };
    const reader = createFrameReader(take);
    child.stdout.on("data", (chunk: Buffer) => reader.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on("error", () => undefined);
    return {
      child,
      journal: () => Buffer.concat(parts),
      output: () => Buffer.concat(outputs).toString(),
      events: () => events,
      exit: () => exit,
      stderr: () => stderr,
      done: new Promise((resolve) => child.once("close", (code) => resolve(code))),
      send: (task) => child.stdin.write(`${JSON.stringify(task)}\n`),
    };
  };
  return {
    root,
    program,
    follow,
    start(task, from) {
      const following = follow(["start", String(from?.length ?? 0)], from);
      following.send(task);
      return following;
    },
    run(argv, stdin = "") {
      try {
        const stdout = execFileSync(process.execPath, [program, ...argv], {
          ...spawnOptions,
          input: stdin,
          stdio: "pipe",
          timeout: 60_000,
        });
        return { code: 0, stdout: stdout.toString(), stderr: "" };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: Buffer; stderr: Buffer };
        return { code: status, stdout: String(stdout), stderr: String(stderr) };
      }
    },
    path: (...parts) => join(root, ...parts),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

let sequence = 0;

/** A task with sensible values; its id is new each time. */
export function taskOf(parts: Partial<Task> & { readonly line?: string }): Task {
  sequence += 1;
  const { line, ...rest } = parts;
  return {
    v: TASK_VERSION,
    id: `t_${process.pid}_${sequence}`,
    env: {},
    secrets: [],
    deadlineAt: Date.now() + 120_000,
    logCapBytes: 256 * 1024 * 1024,
    sandbox: "none",
    graceMs: 500,
    ...(line === undefined ? {} : { execute: { kind: "line", text: line, workingDirectory: "" } }),
    ...rest,
  };
}

/** Polls until the condition holds; fails after half a minute. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited 30 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Bytes of a file, empty when it is not there. */
export function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // Not there, or a process that just ended.
  }
}

/** The SHA-256 of a file. */
export function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Processes whose command line contains `word`. */
export function pidsWith(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && bytesOf(`/proc/${name}/cmdline`).includes(word))
    .map(Number);
}

/** Their command lines. */
export function processesWith(word: string): string[] {
  return pidsWith(word).map((pid) =>
    bytesOf(`/proc/${pid}/cmdline`).toString("latin1").replaceAll("\0", " "),
  );
}
