/** Containers of tasks: no tree of processes holds them, so each task that makes any says so first, and they are removed when it is over. */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";

import { runOwn, type OwnProgram } from "./contain/run-own.ts";
import { loadEngine } from "./engine-file.ts";
import { DEFAULT_PATH } from "./environment.ts";
import type { Journal } from "./journal.ts";
import type { Layout } from "./layout.ts";
import type { Masker } from "./mask/masker.ts";
import { isTaskId } from "./parse-task.ts";
import { syncDirectory, writeSynced } from "./once.ts";

/** The label of all that a task's jobs make with Docker. */
export function containerLabel(id: string): string {
  return `app.crabbox.task=${id}`;
}

/** How long a daemon may take to remove a task's containers; it kills them, which takes it a second. Less than the App's margin of a minute. */
const REMOVE_WITHIN_MS = 30_000;
/** How the client finds its daemon; no credential is among them. */
const CLIENT_NAMES: readonly string[] = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
/** Another form would have the client start a program (ssh) that is not boxd's choice. */
const DAEMON = /^(?:unix|tcp):\/\//;
/** A few names and paths. */
const NOTE_MAX_BYTES = 16 * 1024;

/** Of the tasks of this process: without a sandbox a command has boxd's user, and could write the file. */
const own = new Map<string, Client>();

/** Notes that the task may have containers from now on; `env` is what its docker client runs with. Safe to repeat. */
export function noteContainers(layout: Layout, id: string, env: Readonly<Record<string, string>>): void {
  if (own.has(id)) return;
  mkdirSync(dirOf(layout), { recursive: true, mode: 0o700 });
  const client = clientOf(env);
  own.set(id, client);
  writeSynced(fileOf(layout, id), JSON.stringify(client));
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
  over: AbortSignal = AbortSignal.timeout(REMOVE_WITHIN_MS),
): Promise<readonly string[]> {
  const client = own.get(id) ?? noted(layout, id);
  if (client === undefined) return [];
  const host = {
    // Never the task's PATH or HOME: what a command left there would run outside of all that holds it.
    env: { ...ownEnvironment(), ...client },
    places: { workspace: layout.root },
    log: (_step: number, text: Uint8Array) => show?.(text),
    // What held the task's processes together has ended with them.
    spawn: (program: OwnProgram) => runOwn(program, over),
  };
  let left: readonly string[];
  try {
    const { removeTaskContainers } = await loadEngine();
    left = await removeTaskContainers(host, containerLabel(id), { showLogs: show !== undefined });
  } catch (error) {
    left = [`Docker's containers (${String(error)})`];
  }
  if (left.length > 0) return left;
  rmSync(fileOf(layout, id), { force: true, recursive: true });
  own.delete(id);
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

/** The same for every task that `isOver`, all within the time of one; what could not be removed is left for the next time. */
export async function removeStaleContainers(
  layout: Layout,
  isOver: (id: string) => Promise<boolean>,
): Promise<readonly string[]> {
  if (!existsSync(dirOf(layout))) return [];
  const left: string[] = [];
  const over = AbortSignal.timeout(REMOVE_WITHIN_MS);
  for (const name of readdirSync(dirOf(layout))) {
    const id = name.replace(/\.json$/, "");
    if (isTaskId(id) && (await isOver(id)))
      left.push(...(await removeContainers(layout, id, undefined, over)));
  }
  return left;
}

type Client = Readonly<Record<string, string>>;

function clientOf(env: Readonly<Record<string, unknown>>): Client {
  const kept = CLIENT_NAMES.flatMap((name) => {
    const value = env[name];
    const isFit = typeof value === "string" && (name !== "DOCKER_HOST" || DAEMON.test(value));
    return isFit ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept);
}

function ownEnvironment(): Client {
  const { PATH = DEFAULT_PATH, XDG_RUNTIME_DIR } = process.env;
  return { PATH, ...(XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR }) };
}

/** The note of a task of another process; whoever could write it has no say beyond the address of a daemon. */
function noted(layout: Layout, id: string): Client | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(fileOf(layout, id), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = fstatSync(fd);
    const value: unknown = size > NOTE_MAX_BYTES ? {} : JSON.parse(readFileSync(fd, "utf8"));
    return clientOf(typeof value === "object" && value !== null ? { ...value } : {});
  } catch {
    // None, or one that was never whole: then nothing was made yet.
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function dirOf(layout: Layout): string {
  return join(layout.root, "containers");
}

function fileOf(layout: Layout, id: string): string {
  return join(dirOf(layout), `${id}.json`);
}
