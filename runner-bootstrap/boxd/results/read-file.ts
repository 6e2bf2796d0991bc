/** Reads one file of results through the parser that its first signs ask for. */

import { constants, realpathSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { createGoTestParser } from "./go-test.ts";
import { createJunitParser } from "./junit.ts";
import type { ResultFormat } from "./result-events.ts";
import type { ResultParser, ResultSink } from "./result-sink.ts";
import { ResultError } from "./result-sink.ts";
import { createTapParser } from "./tap.ts";

export type ReadFile =
  | { readonly kind: "read"; readonly format: ResultFormat }
  /** Counts up to the fault are good. The message completes "The file ...". */
  | { readonly kind: "broken"; readonly format: ResultFormat; readonly message: string }
  /** No results, or nothing that may be read: nothing counts. */
  | { readonly kind: "other"; readonly message: string };

const CHUNK_BYTES = 256 * 1024;
const NO_FOLLOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const PARSERS = { junit: createJunitParser, tap: createTapParser, go: createGoTestParser } as const;

/** Never throws for what is in the file or became of it; throws when the disk fails. */
export async function readResultFile(
  tree: string,
  path: string,
  sink: ResultSink,
  signal: AbortSignal,
): Promise<ReadFile> {
  let format: ResultFormat = "tap";
  const file = await open(join(tree, path), NO_FOLLOW).catch(() => null);
  if (file === null) return { kind: "other", message: "could not be opened" };
  try {
    // What a process that outlived the command put in a folder's place since.
    const real = realpathSync(`/proc/self/fd/${file.fd}`);
    if (real !== join(realpathSync(tree), path) || !(await file.stat()).isFile())
      return { kind: "other", message: "is no file of the work tree" };
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let parser: ResultParser | undefined;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      if (signal.aborted) return { kind: "broken", format, message: "was not read to its end: time was up" };
      const bytes = buffer.subarray(0, bytesRead);
      if (parser === undefined) {
        format = formatOf(bytes);
        parser = PARSERS[format](sink);
      }
      parser.push(bytes);
    }
    if (parser === undefined) return { kind: "other", message: "is empty" };
    parser.end();
    return { kind: "read", format };
  } catch (error) {
    if (!(error instanceof ResultError)) throw error;
    return error.isOther
      ? { kind: "other", message: error.message }
      : { kind: "broken", format, message: error.message };
  } finally {
    await file.close();
  }
}

/** By the first sign: a name says nothing sure. */
function formatOf(bytes: Buffer): ResultFormat {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return "junit";
  const first = /[^\s\xef\xbb\xbf]/u.exec(bytes.toString("latin1", 0, 1024))?.[0];
  if (first === "<") return "junit";
  return first === "{" ? "go" : "tap";
}
