import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import sqlite3 from "sqlite3";
import { createSystemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { toStoreError } from "./store-error.ts";

/** What a holder says about itself. */
export type Holder = {
  readonly pid: number;
  readonly host: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Where it answers the CLI; null when it does not. */
  readonly adminSocket: string | null;
};

export type InstanceLock = {
  /** Gives the state directory free. Safe to repeat. */
  release(): Promise<void>;
};

const LOCK_FILE = "lock.sqlite";
const HOLDER_FILE = "holder.json";

/** The locks of this process: a database that nothing refers to would be collected, closed, and its lock gone. */
const held = new Set<sqlite3.Database>();

/**
 * Makes this process the one owner of a state directory (law 8). The lock is an open EXCLUSIVE transaction of SQLite, a lock of the
 * kernel on the file: it ends with the process however that ends, so there is nothing to go stale. Held by another: AppError
 * `store_locked` at once, naming the holder. No lock across machines on network file systems that have none.
 */
export async function lockInstance(
  stateDir: string,
  info: Pick<Holder, "adminSocket">,
): Promise<InstanceLock> {
  const path = join(stateDir, LOCK_FILE);
  const holderFile = join(stateDir, HOLDER_FILE);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const lock = await acquire(path, stateDir);
  let released: Promise<void> | null = null;
  const release = async () => {
    await rm(holderFile, { force: true });
    await close(lock);
  };
  const startedAt = createSystemClock().now();
  try {
    await announce(holderFile, { ...info, pid: process.pid, host: hostname(), startedAt });
  } catch (thrown) {
    await close(lock);
    throw toStoreError(thrown, holderFile);
  }
  return { release: () => (released ??= release()) };
}

/**
 * Who holds the state directory, by its own word; null when nobody wrote one. After a crash it names the process that died: whether
 * somebody still holds it, only `lockInstance` tells.
 */
export async function readHolder(stateDir: string): Promise<Holder | null> {
  let text: string;
  try {
    text = await readFile(join(stateDir, HOLDER_FILE), "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return null;
    throw toStoreError(thrown, join(stateDir, HOLDER_FILE));
  }
  try {
    return toHolder(JSON.parse(text));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

async function acquire(path: string, stateDir: string): Promise<sqlite3.Database> {
  try {
    // SQLite would make it readable by others, and its journal like it.
    await appendFile(path, "", { mode: 0o600 });
  } catch (thrown) {
    throw toStoreError(thrown, path);
  }
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened: sqlite3.Database = new sqlite3.Database(path, (error) =>
      error === null ? resolve(opened) : reject(toStoreError(error, path)),
    );
  });
  database.configure("busyTimeout", 0);
  const failure = await new Promise<Error | null>((resolve) => {
    database.exec("BEGIN EXCLUSIVE", resolve);
  });
  if (failure === null) {
    held.add(database);
    return database;
  }
  await close(database);
  if ("code" in failure && failure.code === "SQLITE_BUSY")
    throw locked(stateDir, await readHolder(stateDir), failure);
  throw toStoreError(failure, path);
}

function locked(stateDir: string, holder: Holder | null, cause: Error): AppError {
  const who =
    holder === null
      ? "another process"
      : `process ${holder.pid} on ${holder.host} since ${new Date(holder.startedAt).toISOString()}`;
  return new AppError(
    "store_locked",
    `${stateDir} is held by ${who}.`,
    "Only one App may own a state directory: stop that one first, or give this one another directory.",
    cause,
  );
}

/** Written whole and then renamed, so that a reader never sees half of it. */
async function announce(path: string, holder: Holder): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

function close(database: sqlite3.Database): Promise<void> {
  held.delete(database);
  return new Promise((resolve, reject) => {
    database.close((error) => (error === null ? resolve() : reject(error)));
  });
}

function toHolder(value: unknown): Holder | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("pid" in value && "host" in value && "startedAt" in value && "adminSocket" in value)) return null;
  const { pid, host, startedAt, adminSocket } = value;
  if (typeof pid !== "number" || typeof host !== "string" || typeof startedAt !== "number") return null;
  if (adminSocket !== null && typeof adminSocket !== "string") return null;
  return { pid, host, startedAt, adminSocket };
}
