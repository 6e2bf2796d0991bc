/** Reading an entry's content: its parts one after the other, or a range of them. */

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";

import type { OpenBody } from "../store.ts";
import { isExpired } from "./artifacts.ts";
import type { Part } from "./entry.ts";
import { readEntry, readParts } from "./entry.ts";
import type { Places } from "./places.ts";
import { entryDir, parseBodyId } from "./places.ts";

/** Fewer system calls than the default; still nothing beside one part. */
const READ_BYTES = 256 * 1024;

/** Undefined when that very content is gone, or `body` names nothing. */
export function openBody(places: Places, body: string, now: number): OpenBody | undefined {
  const named = parseBodyId(body);
  if (named === undefined) return undefined;
  const entry = readEntry(places, named.at);
  if (entry === undefined || entry.meta.unique !== named.unique || isExpired(entry, now)) return undefined;
  const parts = readParts(places, named.at);
  if (parts === undefined) return undefined;
  const dir = entryDir(places, named.at);
  const { sizeBytes, createdAt, name, mimeType } = entry.meta;
  return {
    sizeBytes,
    createdAt,
    ...(named.at.kind === "artifact" ? { name } : {}),
    ...(mimeType === undefined ? {} : { mimeType }),
    read: (from, to) => Readable.from(readRange(dir, parts, from, to), { objectMode: false }),
  };
}

/** Throws when a file is shorter than it was: better an answer cut off than one with a hole. */
async function* readRange(
  dir: string,
  parts: readonly Part[],
  from: number,
  to: number,
): AsyncGenerator<Buffer> {
  let partFrom = 0;
  for (const [file, sizeBytes] of parts) {
    const start = Math.max(from - partFrom, 0);
    const end = Math.min(to - partFrom, sizeBytes - 1);
    partFrom += sizeBytes;
    if (start > end) continue;
    let read = 0;
    const stream = createReadStream(join(dir, file), { start, end, highWaterMark: READ_BYTES });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      read += chunk.length;
      yield chunk;
    }
    if (read !== end - start + 1) throw new Error(`${file} of ${dir} is cut off`);
  }
}
