import { randomBytes } from "node:crypto";
import {
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AppError } from "./errors.ts";

/** Readable by the App's own user only. */
const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;
const KEY_BYTES = 32;
/** Linux: sun_path has 108 bytes, the closing NUL included. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Makes the state dir private and answers its path; safe to repeat. Fails with `bad_settings` when it cannot. */
export function openStateDir(path: string): string {
  try {
    makeDirectories(resolve(path));
    chmodSync(path, PRIVATE_DIR);
    return path;
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    throw new AppError(
      "bad_settings",
      `The state directory ${path} cannot be written (${code}).`,
      "Give the App's user a directory of its own on a disk that is not read-only: `stateDir` in the settings.",
      thrown,
    );
  }
}

/** A random key kept under `name`, made once: two processes starting together end up with the same one. */
export function stateKey(stateDir: string, name: string): Buffer {
  const path = join(stateDir, name);
  const fresh = `${path}.${process.pid}.tmp`;
  writeFileSync(fresh, randomBytes(KEY_BYTES), { mode: PRIVATE_FILE });
  try {
    linkSync(fresh, path);
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
  } finally {
    rmSync(fresh, { force: true });
  }
  return readFileSync(path);
}

/** What the set-up got from GitHub, 0600: read where the environment says nothing. */
export const secretsPath = (stateDir: string) => join(stateDir, "app.json");
/** The store's file. */
export const storePath = (stateDir: string) => join(stateDir, "crabbox.sqlite");
/** The folder of actions' commits and packs. */
export const actionsPath = (stateDir: string) => join(stateDir, "actions");
/** The folder of cache entries, by hash. */
export const cachesPath = (stateDir: string) => join(stateDir, "caches");
/** The folder of artifacts, by hash. */
export const artifactsPath = (stateDir: string) => join(stateDir, "artifacts");
/** The folder of the journals' copies. */
export const logsPath = (stateDir: string) => join(stateDir, "logs");
/** The CLI's door; `adminSocketAddress` is what to connect to. */
export const adminSocketPath = (stateDir: string) => join(stateDir, "admin.sock");

/**
 * The same socket as `listen` and `connect` take it: a deep state dir is named by an open descriptor, which stays open with the
 * process. Throws ENOENT when there is no state dir.
 */
export function adminSocketAddress(stateDir: string): string {
  const path = adminSocketPath(stateDir);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES || process.platform !== "linux") return path;
  return adminSocketPath(`/proc/self/fd/${openSync(stateDir, constants.O_RDONLY | constants.O_DIRECTORY)}`);
}

/** Not `recursive`: where the kernel makes no directories (/proc) Node 24's never ends. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return;
  makeDirectories(dirname(path));
  mkdirSync(path, { mode: PRIVATE_DIR });
}
