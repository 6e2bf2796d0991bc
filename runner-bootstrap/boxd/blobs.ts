/** Blobs both ways, named by their content. */

import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { isDiskFull } from "./claim.ts";
import type { Layout } from "./layout.ts";
import { writeAll } from "./once.ts";
import { FRONT_EXIT } from "./task.ts";

/** What a release asset of GitHub's may hold. */
export const BLOB_MAX_BYTES = 2 * 1024 * 1024 * 1024;
/** All blobs of a slot; the least recently sent go when there are more. Two of the largest. */
const KEPT_MAX_BYTES = 2 * BLOB_MAX_BYTES;
/** What was sent so lately is still waited for by a task. */
const IN_USE_MS = 60 * 60_000;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Takes `size` bytes from stdin; only when their hash is `sha256` the blob exists, whole, under that name. One that is there already, and
 * still has its hash, is not asked for again: stdin is then left unread. Safe to repeat.
 */
export async function blobIn(layout: Layout, sha256: string, size: number): Promise<number> {
  if (!SHA256.test(sha256) || !Number.isSafeInteger(size) || size < 0 || size > BLOB_MAX_BYTES)
    return refuse(`expected a SHA-256 and a size up to ${BLOB_MAX_BYTES}`);
  mkdirSync(layout.blobs, { recursive: true, mode: 0o700 });
  const held = join(layout.blobs, sha256);
  if (await isHeld(held, sha256, size)) return FRONT_EXIT.complete;
  const temporary = join(layout.blobs, `.${sha256}.${process.pid}`);
  const hash = createHash("sha256");
  let taken = 0;
  const fd = openSync(temporary, "w", 0o600);
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      taken += chunk.length;
      if (taken > size) break;
      hash.update(chunk);
      writeAll(fd, chunk, null);
      if (taken === size) break;
    }
    if (taken !== size) return refuse(`expected ${size} bytes, got ${taken > size ? "more" : taken}`);
    if (hash.digest("hex") !== sha256) return refuse("the content has another hash");
    fsyncSync(fd);
    renameSync(temporary, held);
    keepNewest(layout.blobs, sha256);
    return FRONT_EXIT.complete;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    writeSync(2, "no space left for the blob\n");
    return FRONT_EXIT.diskFull;
  } finally {
    closeSync(fd);
    rmSync(temporary, { force: true });
  }
}

/** Writes a blob to stdout. One that is not there is answered at once with `notThere`. */
export async function blobOut(layout: Layout, sha256: string): Promise<number> {
  if (!SHA256.test(sha256)) return refuse("expected a SHA-256");
  const path = [layout.blobs, layout.caches, layout.artifacts]
    .map((dir) => join(dir, sha256))
    .find((at) => existsSync(at));
  if (path === undefined) {
    writeSync(2, `no blob ${sha256}\n`);
    return FRONT_EXIT.notThere;
  }
  await pipeline(createReadStream(path), process.stdout, { end: false });
  // The pipeline is done when the file is read; the process must not end before its last bytes are written.
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  return FRONT_EXIT.complete;
}

/** A command may have changed it: what is kept is what still has its name's hash. */
async function isHeld(path: string, sha256: string, size: number): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.size !== size) return false;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  if (hash.digest("hex") !== sha256) return false;
  const now = new Date();
  utimesSync(path, now, now);
  return true;
}

function keepNewest(dir: string, newest: string): void {
  const blobs = readdirSync(dir)
    .filter((name) => SHA256.test(name) && name !== newest)
    .flatMap((name) => {
      const stat = statSync(join(dir, name), { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path: join(dir, name), size: stat.size, at: stat.mtimeMs }];
    })
    .sort((a, b) => b.at - a.at);
  let total = statSync(join(dir, newest)).size;
  for (const { path, size, at } of blobs) {
    total += size;
    if (total > KEPT_MAX_BYTES && Date.now() - at > IN_USE_MS) rmSync(path, { force: true });
  }
}

function refuse(reason: string): number {
  writeSync(2, `${reason}\n`);
  return FRONT_EXIT.refused;
}
