/** Recognises TAP and `go test -json` in what the command prints. */

import { createGoTestParser } from "./go-test.ts";
import type { ResultFormat } from "./result-events.ts";
import type { ResultParser, ResultSink } from "./result-sink.ts";
import { ResultError } from "./result-sink.ts";
import { createTapParser } from "./tap.ts";

export type FromOutput = {
  /** A view: only good during the call. */
  push(bytes: Uint8Array): void;
  /** Null: there were no results in it. */
  end(): { readonly format: ResultFormat; readonly isCut: boolean } | null;
};

/** Output looked through for the first sign of results; a build's log comes before them. Ours. */
const SEARCH_MAX_BYTES = 16 * 1024 * 1024;
/** Output read once there was one. */
const READ_MAX_BYTES = 128 * 1024 * 1024;

type Sign = { readonly rare: Buffer; readonly whole: Buffer; readonly rareAt: number };

/** Looked for by what is rare in a log: line feeds and what begins numbers are not (an eighth of the time). */
const TAP_SIGNS = [
  signOf("TAP version 1", "TAP v"),
  // Dots are no rarer: some tests print one each.
  signOf("1..", "1.."),
  signOf("ok 1", "ok 1"),
  signOf("not ok 1", "not ok"),
];
const GO_SIGNS = [
  signOf('{"Time":"', '{"Ti'),
  signOf('{"Action":"', '{"Ac'),
  signOf('{"ImportPath":"', '{"Im'),
];
/** The longest sign and the line feed before it. */
const OVERLAP_BYTES = 32;
const LINE_FEED = 0x0a;

/**
 * Costs a search of the output until its first sign, then a parse. What comes before the sign is not read; go's lines are tried first,
 * because a test under go may print TAP. Never throws.
 */
export function createFromOutput(sink: ResultSink): FromOutput {
  let parser: ResultParser | undefined;
  let format: ResultFormat = "tap";
  let seen = 0;
  let isOver = false;
  let isCut = false;
  /** The end of the last piece, behind a line feed that makes the stream's first line like the others. */
  let held: Buffer = Buffer.from([LINE_FEED]);

  return {
    push(bytes) {
      if (isOver) return;
      seen += bytes.length;
      if (parser !== undefined) {
        isOver = isCut = seen > READ_MAX_BYTES;
        if (!isOver) parser.push(bytes);
        return;
      }
      const all = Buffer.concat([held, bytes]);
      const go = firstSign(all, GO_SIGNS);
      const tap = firstSign(all, TAP_SIGNS);
      if (go === -1 && tap === -1) {
        held = Buffer.from(all.subarray(-OVERLAP_BYTES));
        isOver = seen > SEARCH_MAX_BYTES;
        return;
      }
      format = go !== -1 && (tap === -1 || go < tap) ? "go" : "tap";
      parser = format === "go" ? createGoTestParser(sink) : createTapParser(sink);
      parser.push(all.subarray(format === "go" ? go : tap));
      held = Buffer.alloc(0);
    },
    end() {
      if (parser === undefined) return null;
      try {
        parser.end();
      } catch (error) {
        if (error instanceof ResultError) return null;
        throw error;
      }
      return { format, isCut };
    },
  };
}

/** Where the first line begins that begins with a sign; -1 when none does. */
function firstSign(bytes: Buffer, signs: readonly Sign[]): number {
  const found = signs.map((sign) => lineWith(bytes, sign)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

function lineWith(bytes: Buffer, { rare, whole, rareAt }: Sign): number {
  for (let at = bytes.indexOf(rare); at !== -1; at = bytes.indexOf(rare, at + 1)) {
    const begin = at - rareAt;
    const end = begin + whole.length;
    if (
      begin > 0 &&
      bytes[begin - 1] === LINE_FEED &&
      whole.compare(bytes, begin, Math.min(end, bytes.length)) === 0
    )
      return begin;
  }
  return -1;
}

function signOf(text: string, rare: string): Sign {
  return { rare: Buffer.from(rare), whole: Buffer.from(text), rareAt: text.indexOf(rare) };
}
