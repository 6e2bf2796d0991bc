/** Containers of tasks: no tree of processes holds them, so each task that makes any says so first, and they are removed when it is over. */

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { loadEngine } from "./engine-file.ts";
import type { Journal } from "./journal.ts";
import type { Layout } from "./layout.ts";
import type { Masker } from "./mask/masker.ts";
import { isTaskId } from "./parse-task.ts";
import type { ProgramEnd } from "./steps/host.ts";
import { syncDirectory, writeSynced } from "./once.ts";

/** The label of all that a task's jobs make with Docker. */
export function containerLabel(id: string): string {
  return `app.crabbox.task=${id}`;
}

/** How long a daemon may take to remove a task's containers; it kills them, which takes it a second. Less than the App's margin of a minute. */
const REMOVE_WITHIN_MS = 30_000;
/** How the client finds its daemon. */
const CLIENT_NAMES = /^(?:PATH|HOME|XDG_RUNTIME_DIR|DOCKER_[A-Z_]+)$/;

/** Notes that the task may have containers from now on; `env` is what its docker client runs with. Safe to repeat. */
export function noteContainers(layout: Layout, id: string, env: Readonly<Record<string, string>>): void {
  if (existsSync(fileOf(layout, id))) return;
  mkdirSync(dirOf(layout), { recursive: true, mode: 0o700 });
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => CLIENT_NAMES.test(name)));
  writeSynced(fileOf(layout, id), JSON.stringify(kept));
  syncDirectory(dirOf(layout));
}

/**
 * Removes what a task that is over has left of containers, with the ends of their logs to `show` when it is given. Answers what could not
 * be proven removed, in words; the note is then kept for another try. Never rejects, safe to repeat and at once.
 */
export async function removeContainers(
  layout: Layout,
  id: string,
  show?: (text: Uint8Array) => void,
): Promise<readonly string[]> {
  const env = noted(layout, id);
  if (env === undefined) return [];
  const over = AbortSignal.timeout(REMOVE_WITHIN_MS);
  const host = {
    env,
    places: { workspace: layout.root },
    log: (_step: number, text: Uint8Array) => show?.(text),
    spawn: (program: Spawned) => run(program, over),
  };
  let left: readonly string[];
  try {
    const { removeTaskContainers } = await loadEngine();
    left = await removeTaskContainers(host, containerLabel(id), { showLogs: show !== undefined });
  } catch (error) {
    left = [`Docker's containers (${String(error)})`];
  }
  if (left.length === 0) rmSync(fileOf(layout, id), { force: true });
  return left;
}

/** The same at the task's own end; with `log` the ends of the services' logs are told there, masked. */
export async function endContainers(
  layout: Layout,
  id: string,
  log: { readonly journal: Journal; readonly masker: Masker } | null,
): Promise<readonly string[]> {
  if (log === null) return removeContainers(layout, id);
  const stream = log.masker.stream();
  const tell = (text: Buffer): void => {
    if (text.length > 0) log.journal.output(0, text);
  };
  const left = await removeContainers(layout, id, (text) => tell(stream.push(Buffer.from(text))));
  tell(stream.flush());
  return left;
}

/** The same for every task that `isOver`; what could not be removed is left for the next time. */
export async function removeStaleContainers(
  layout: Layout,
  isOver: (id: string) => Promise<boolean>,
): Promise<readonly string[]> {
  if (!existsSync(dirOf(layout))) return [];
  const left: string[] = [];
  for (const name of readdirSync(dirOf(layout))) {
    const id = name.replace(/\.json$/, "");
    if (isTaskId(id) && (await isOver(id))) left.push(...(await removeContainers(layout, id)));
  }
  return left;
}

type Spawned = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly onOutput: (chunk: Uint8Array) => void;
};

/** The docker client as boxd's own program: what held the task's processes together has ended with them. */
async function run({ argv, env, cwd, onOutput }: Spawned, over: AbortSignal): Promise<ProgramEnd> {
  const [file = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env,
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      signal: over,
      killSignal: "SIGKILL",
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", onOutput);
    child.once("error", (error) => resolve(over.aborted ? { timedOut: true } : { error: error.message }));
    child.once("close", (code, signal) => resolve(code === null ? { signal: signal ?? "" } : { code }));
  });
}

function noted(layout: Layout, id: string): Record<string, string> | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(layout, id), "utf8")) as Record<string, string>;
  } catch {
    // None, or one that was never whole: then nothing was made yet.
    return undefined;
  }
}

function dirOf(layout: Layout): string {
  return join(layout.root, "containers");
}

function fileOf(layout: Layout, id: string): string {
  return join(dirOf(layout), `${id}.json`);
}
