/** Files that can be made exactly once: `link` fails when the name exists, so two makers cannot both win. */

import { closeSync, constants, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from "node:fs";
/** Errno of a failed file operation, or undefined for anything else. */
export function errno(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Writes `bytes` from the file's start and fsyncs. */
export function writeSynced(path: string, bytes: Uint8Array | string): void {
  const fd = openSync(path, "w", 0o600);
  try {
    writeAll(fd, typeof bytes === "string" ? Buffer.from(bytes) : bytes, null);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of `bytes`, whatever a single write takes. `at` null appends at the descriptor's position. */
export function writeAll(fd: number, bytes: Uint8Array, at: number | null): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, at === null ? null : at + done);
  }
}

/** Links `from` to `to`. True when this call made it, false when it existed before. Other errors are thrown. */
export function linkOnce(from: string, to: string): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    if (errno(error) === "EEXIST") return false;
    throw error;
  }
  return true;
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes a file that may be gone already. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errno(error) !== "ENOENT") throw error;
  }
}

/** Overwrites a file from its start without truncating it, so that no block has to be found, and fsyncs. */
export function writeInPlace(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    writeAll(fd, bytes, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
