/** Action trees from the box's blobs into their places. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { errno } from "../once.ts";
import type { ActionArchive } from "../task.ts";

/** As much as the App takes of an action's tree, and more than any known one has. */
const TREE_MAX_BYTES = 2 * 1024 * 1024 * 1024;
const COMPLAINT_MAX_BYTES = 1_024;

/**
 * Unpacks one archive into the directory `into`, which does not exist yet. What is unpacked is what is hashed: the blob is
 * read once. Null, or a sentence that says why what lies there now must not be used.
 */
export async function unpack(
  archive: ActionArchive,
  blobs: string,
  into: string,
  signal: AbortSignal,
): Promise<string | null> {
  mkdirSync(into, { recursive: true, mode: 0o755 });
  const tar = spawn("tar", ["-xof", "-"], {
    cwd: into,
    signal,
    stdio: ["pipe", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], LC_ALL: "C" },
  });
  // Told by `ended`; one that comes later than that must not end boxd.
  tar.on("error", () => undefined);
  let complaint = "";
  tar.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < COMPLAINT_MAX_BYTES) complaint += chunk.toString().slice(0, COMPLAINT_MAX_BYTES);
  });
  const ended = once(tar, "close") as Promise<[number | null]>;
  // Awaited below; a program that could not be started is told there.
  ended.catch(() => undefined);
  const hash = createHash("sha256");
  let taken = 0;
  let unpacked = 0;
  try {
    await pipeline(
      createReadStream(join(blobs, archive.sha256)),
      async function* hashed(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          hash.update(chunk);
          taken += chunk.length;
          if (taken > archive.sizeBytes) throw new Error("it is larger than announced");
          yield chunk;
        }
      },
      createGunzip(),
      async function* bounded(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          unpacked += chunk.length;
          if (unpacked > TREE_MAX_BYTES) throw new Error(`its tree is larger than ${TREE_MAX_BYTES} bytes`);
          yield chunk;
        }
      },
      async (source: AsyncIterable<Buffer>) => feed(tar.stdin, source),
      { signal },
    );
    const [code] = await ended;
    if (code !== 0) throw new Error(`tar ended with ${code ?? "a signal"}: ${complaint.trim()}`);
  } catch (error) {
    tar.kill("SIGKILL");
    const why =
      errno(error) === "ENOENT"
        ? "it, or tar, is not on the box"
        : error instanceof Error
          ? error.message
          : String(error);
    return `the action ${archive.archive} could not be unpacked: ${why}`;
  }
  return taken === archive.sizeBytes && hash.digest("hex") === archive.sha256
    ? null
    : `the action ${archive.archive} is not what the task announced: it has another hash`;
}

/** tar may stop reading at the archive's end: what follows is hashed, and goes nowhere. Its exit code says how it went. */
async function feed(stdin: Writable, source: AsyncIterable<Buffer>): Promise<void> {
  const closed = new Promise<void>((resolve) => stdin.once("close", () => resolve()));
  // EPIPE of a tar that has ended: told by its exit code.
  stdin.on("error", () => undefined);
  for await (const chunk of source) {
    if (!stdin.destroyed && !stdin.write(chunk)) {
      const drained = new Promise<void>((resolve) => stdin.once("drain", () => resolve()));
      await Promise.race([drained, closed]);
    }
  }
  stdin.end();
}
