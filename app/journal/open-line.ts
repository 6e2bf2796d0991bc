import type { JournalFrame } from "./frames.ts";
import type { Position } from "./split.ts";

/** A line too long to be read over again. */
export type LongLine = {
  readonly bytes: number;
  /** Where what a terminal would show begins: behind the last carriage return that something followed. */
  readonly view: Position;
  /** Behind its newline; null while it is not finished. */
  readonly end: Position | null;
};

/** The line under way. Progress bars rewrite one line for minutes: only what stands behind the last return counts. */
export type OpenLine = {
  readonly bytes: number;
  add(frame: JournalFrame, from: number, to: number): void;
  describe(end: Position | null): LongLine;
  reset(): void;
};

const RETURN = 13;

/** An empty last line, to be fed as bytes come. */
export function createOpenLine(): OpenLine {
  let bytes = 0;
  let start: Position = { offset: 0, skip: 0 };
  /** Behind the last return, and behind the one before it: a bar often ends with a return, and then shows the latter's text. */
  let last: Position | null = null;
  let previous: Position | null = null;
  let endsWithReturn = false;

  return {
    get bytes() {
      return bytes;
    },
    add(frame, from, to) {
      if (to <= from) return;
      if (bytes === 0) start = { offset: frame.offset, skip: from };
      bytes += to - from;
      const at = lastReturn(frame.payload, from, to);
      if (at !== -1) {
        const before = lastReturn(frame.payload, from, at);
        previous = before === -1 ? last : { offset: frame.offset, skip: before + 1 };
        last = { offset: frame.offset, skip: at + 1 };
      }
      endsWithReturn = at === to - 1;
    },
    describe: (end) => ({ bytes, view: (endsWithReturn ? previous : last) ?? start, end }),
    reset() {
      bytes = 0;
      last = null;
      previous = null;
      endsWithReturn = false;
    },
  };
}

function lastReturn(payload: Buffer, from: number, to: number): number {
  if (to <= from) return -1;
  const at = payload.lastIndexOf(RETURN, to - 1);
  return at < from ? -1 : at;
}
