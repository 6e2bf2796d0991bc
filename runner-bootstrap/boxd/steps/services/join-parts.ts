/** The parts of an upload as one file. */

import { createHash } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

import type { Part } from "./file-store/entry.ts";

const READ_BYTES = 1024 * 1024;

/**
 * Appends all to the first, each part gone once it is there, so that at no time more than one of them lies there twice; hashed on the way.
 * A part named twice in the list counts twice.
 */
export async function joinParts(
  dir: string,
  parts: readonly Part[],
): Promise<{ readonly path: string; readonly sha256: string }> {
  const hash = createHash("sha256");
  const [first] = parts;
  const isPlain = new Set(parts.map(([file]) => file)).size === parts.length;
  const path = join(dir, isPlain && first !== undefined ? first[0] : "joined");
  const target = await open(path, "a", 0o600);
  try {
    for (const [file] of parts) {
      const from = join(dir, file);
      const stream = createReadStream(from, { highWaterMark: READ_BYTES });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        hash.update(chunk);
        if (from !== path) await target.appendFile(chunk);
      }
      if (isPlain && from !== path) rmSync(from);
    }
  } finally {
    await target.close();
  }
  return { path, sha256: hash.digest("hex") };
}
