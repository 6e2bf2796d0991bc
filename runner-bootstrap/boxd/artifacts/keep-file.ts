/** Copies one file of a work tree that nobody answers for, under its hash. */

import { createHash } from "node:crypto";
import { constants, lstatSync, realpathSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

import { isDiskFull } from "../claim.ts";

export type KeptFile =
  | { readonly sha256: string; readonly sizeBytes: number }
  /** Completes "The file ...". `isLast`: no other will fare better. */
  | { readonly refused: string; readonly isLast?: true };

export type KeepBounds = {
  readonly fileMaxBytes: number;
  /** What the run may still have. */
  readonly leftBytes: number;
};

const CHUNK_BYTES = 256 * 1024;
/** Left on the box's disk: the journal's end must find room. */
const FREE_MIN_BYTES = 64 * 1024 * 1024;
const NO_FOLLOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MIB = 1024 * 1024;

/**
 * A link counts when it leads to a file of the same tree. The kernel is asked where what was opened lies: whoever swaps a folder meanwhile
 * gains nothing. Throws when the disk fails.
 */
export async function keepFile(
  tree: string,
  path: string,
  into: string,
  bounds: KeepBounds,
  signal: AbortSignal,
): Promise<KeptFile> {
  const root = realpathSync(tree);
  const real = realOf(join(root, path));
  if (real === null) return { refused: "leads nowhere" };
  if (!real.startsWith(`${root}/`) || real.slice(root.length).toLowerCase().split("/").includes(".git"))
    return { refused: "is a link out of the work tree" };
  if (lstatSync(real, { throwIfNoEntry: false })?.isFile() !== true)
    return { refused: "is no file, or a link to none" };
  const file = await open(real, NO_FOLLOW).catch(() => null);
  if (file === null) return { refused: "cannot be read" };
  try {
    const stat = await file.stat();
    if (!stat.isFile() || realOf(`/proc/self/fd/${file.fd}`) !== real)
      return { refused: "changed while it was read" };
    const tooLarge = sizeProblem(stat.size, bounds);
    if (tooLarge !== null) return { refused: tooLarge };
    const { bavail, bsize } = await statfs(into);
    if (bavail * bsize < stat.size + FREE_MIN_BYTES) return NO_ROOM;
    return await copy(file, into, bounds, signal);
  } catch (error) {
    if (isDiskFull(error)) return NO_ROOM;
    throw error;
  } finally {
    await file.close();
  }
}

const NO_ROOM = { refused: "has no room on the box's disk", isLast: true } as const;

async function copy(
  file: FileHandle,
  into: string,
  bounds: KeepBounds,
  signal: AbortSignal,
): Promise<KeptFile> {
  const temporary = join(into, `.${process.pid}`);
  const target = await open(temporary, "w", 0o600);
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let sizeBytes = 0;
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      sizeBytes += bytesRead;
      // It may still grow.
      const tooLarge = sizeProblem(sizeBytes, bounds);
      if (tooLarge !== null) return { refused: tooLarge };
      if (signal.aborted) return { refused: "was not copied to its end, for time", isLast: true };
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await target.writeFile(chunk);
    }
    const sha256 = hash.digest("hex");
    await rename(temporary, join(into, sha256));
    return { sha256, sizeBytes };
  } finally {
    await target.close();
    await rm(temporary, { force: true });
  }
}

function sizeProblem(sizeBytes: number, { fileMaxBytes, leftBytes }: KeepBounds): string | null {
  if (sizeBytes > fileMaxBytes) return `is larger than ${shownSize(fileMaxBytes)}`;
  return sizeBytes > leftBytes ? "is more than the run's artifacts may have together" : null;
}

function shownSize(bytes: number): string {
  return bytes < MIB ? `${bytes} bytes` : `${Math.floor(bytes / MIB)} MiB`;
}

function realOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null; // Gone, a circle, or a folder that is not ours to look into.
  }
}
