import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { ReadJournal } from "../journal/frames.ts";
import { outputOf } from "../journal/output.ts";
import { bundleDocuments, type BundleFacts } from "./documents.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar.ts";

export type BundleLog = { readonly n: number; readonly read: ReadJournal };

/**
 * A failure bundle as a gzipped tar, made while it is read: documents, then the log of each attempt, flat in memory. `folder`: of ours, ASCII.
 * A log is read twice, because a tar names its size first; the attempts have ended, so it stays the same.
 */
export function failureBundle(facts: BundleFacts, logs: readonly BundleLog[], folder: string): Readable {
  const tar = Readable.from(members(facts, logs, folder), { objectMode: false });
  const zipped = createGzip();
  tar.on("error", (error) => zipped.destroy(error));
  zipped.on("close", () => tar.destroy());
  return tar.pipe(zipped);
}

async function* members(
  facts: BundleFacts,
  logs: readonly BundleLog[],
  folder: string,
): AsyncGenerator<Buffer, void> {
  const at = facts.run.endedAt ?? facts.run.createdAt;
  for (const [name, text] of Object.entries(bundleDocuments(facts))) {
    const bytes = Buffer.from(text);
    yield tarHeader(`${folder}/${name}`, bytes.length, at);
    yield bytes;
    yield tarPadding(bytes.length);
  }
  for (const { n, read } of logs) {
    let sizeBytes = 0;
    for await (const piece of outputOf(read, "strip")) sizeBytes += piece.length;
    yield tarHeader(`${folder}/${logs.length === 1 ? "log.txt" : `log-attempt-${n}.txt`}`, sizeBytes, at);
    // Retention may take it away between the two readings.
    yield* exactly(outputOf(read, "strip"), sizeBytes);
    yield tarPadding(sizeBytes);
  }
  yield tarEnd();
}

async function* exactly(pieces: AsyncIterable<Buffer>, sizeBytes: number): AsyncGenerator<Buffer, void> {
  let left = sizeBytes;
  for await (const piece of pieces) {
    const part = piece.subarray(0, left);
    left -= part.length;
    if (part.length > 0) yield part;
  }
  if (left > 0) throw new Error("the log was removed while its bundle was made");
}
