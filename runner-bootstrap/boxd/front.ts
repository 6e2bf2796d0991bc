/** The fronts that stream: they come and go with the connection, the supervisor stays. */

import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { follow } from "./follow.ts";
import type { FollowEnd } from "./follow.ts";
import type { Layout } from "./layout.ts";
import { createLineReader, firstLine } from "./lines.ts";
import { supervisorArgv } from "./supervisor-argv.ts";
import { TASK_LINE_MAX_BYTES } from "./parse-task.ts";
import type { SupervisorWord } from "./supervise.ts";
import { FRONT_EXIT } from "./task.ts";

/** The reader went away; nobody sees this code. */
const EXIT_READER_GONE = 1;
const WORD_MAX_BYTES = 64 * 1024;

/**
 * The loaded channel: starts a supervisor, says `ready` on stderr, hands it the one line from stdin and follows what
 * it claimed, or what had been claimed before. When stdin ends first, nothing is left behind.
 */
export async function startFront(layout: Layout, offset: number): Promise<number> {
  const [file = "", ...args] = supervisorArgv(layout, process.execPath, fileURLToPath(import.meta.url));
  const child = spawn(file, args, {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: cleanEnvironment(process.env),
  });
  child.stdin.on("error", () => undefined);
  const words = wordsOf(child.stdout);
  const dead = new Promise<undefined>((resolve) =>
    child.once("exit", () => resolve(undefined)).once("error", () => resolve(undefined)),
  );
  const next = async (): Promise<SupervisorWord | undefined> =>
    Promise.race([words.next(), dead.then(async () => words.last())]);
  if ((await next())?.say !== "ready") return refuse("the supervisor did not start");
  writeSync(2, "ready\n");

  const gone = stdinEnd();
  const line = await Promise.race([firstLine(process.stdin, TASK_LINE_MAX_BYTES), dead]);
  if (typeof line !== "string") {
    child.stdin.end();
    return line === undefined
      ? FRONT_EXIT.complete
      : refuse(`the task is longer than ${TASK_LINE_MAX_BYTES} bytes`);
  }
  child.stdin.write(`${line}\n`);
  const word = await next();
  child.unref();
  switch (word?.say) {
    case "claimed":
    case "attached":
      return exitOf(await follow(layout, word.id, offset, gone), word.id);
    case "disk_full":
      writeSync(2, "no space left for a task\n");
      return FRONT_EXIT.diskFull;
    case "refused":
      return refuse(word.reason);
    case "ready":
    case undefined:
      return refuse("the supervisor ended before it claimed the task");
  }
}

/** Follows a task from a byte offset of its journal. */
export async function followFront(layout: Layout, id: string, offset: number): Promise<number> {
  const gone = stdinEnd();
  process.stdin.resume();
  return exitOf(await follow(layout, id, offset, gone), id);
}

function exitOf(end: FollowEnd, id: string): number {
  if (end === "complete") return FRONT_EXIT.complete;
  if (end === "reader_gone") return EXIT_READER_GONE;
  writeSync(2, `no task ${id} on this box\n`);
  return FRONT_EXIT.notThere;
}

async function stdinEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["end", "close", "error"]) process.stdin.once(name, () => resolve());
  });
}

function refuse(reason: string): number {
  writeSync(2, `${reason}\n`);
  return FRONT_EXIT.refused;
}

/** NODE_OPTIONS and their like belong to whoever logged in, not to boxd. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:NODE_|LD_|GIT_|BASH_ENV$|ENV$)/.test(name)),
  );
}

function wordsOf(stream: NodeJS.ReadableStream): {
  next(): Promise<SupervisorWord | undefined>;
  last(): SupervisorWord | undefined;
} {
  const ready: SupervisorWord[] = [];
  let waiting: ((word: SupervisorWord) => void) | undefined;
  const lines = createLineReader(WORD_MAX_BYTES, (line) => {
    if (line === undefined) return;
    const word = JSON.parse(line) as SupervisorWord;
    if (waiting === undefined) ready.push(word);
    else waiting(word);
    waiting = undefined;
  });
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  return {
    last: () => ready.shift(),
    async next() {
      const word = ready.shift();
      return word ?? new Promise((resolve) => (waiting = resolve));
    },
  };
}
