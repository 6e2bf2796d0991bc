import type { JournalFrame, ReadJournal } from "./frames.ts";
import { readFrames } from "./frames.ts";
import type { LineIndex } from "./line-index.ts";
import { splitFrame } from "./split.ts";
import type { LineVisitor } from "./split.ts";
import { stripAnsi } from "../plain-text.ts";

/** One step of a search. `next` is the row at which to go on; `ended`: the journal's present end was reached. */
export type SearchStep = {
  readonly hits: readonly number[];
  readonly next: number;
  readonly ended: boolean;
};

/** Of a longer line this much is searched, counted from its begin. */
const SEARCHED_LINE_BYTES = 1024 * 1024;
const ESCAPE = 27;

/**
 * Rows from `from` on that contain `needle` as people see them: literal, case-insensitive, without escape sequences. Yields after
 * each read, so that whoever asks decides when to stop; never holds more than one line.
 */
export async function* searchRows(
  read: ReadJournal,
  index: LineIndex,
  from: number,
  needle: string,
): AsyncGenerator<SearchStep, void> {
  const wanted = needle.toLowerCase();
  const quick = quickTest(wanted);
  const start = index.before(from);
  let row = start.row;
  let hits: number[] = [];
  let parts: Buffer[] = [];
  let held = 0;
  const hit = (text: string): void => {
    if (row >= from && stripAnsi(text).toLowerCase().includes(wanted)) hits.push(row);
  };
  const add = (frame: JournalFrame, begin: number, end: number): void => {
    if (held < SEARCHED_LINE_BYTES) parts.push(frame.payload.subarray(begin, end));
    held += end - begin;
  };
  const close = (): void => {
    hit(Buffer.concat(parts).toString("utf8"));
    parts = [];
    held = 0;
    row += 1;
  };
  let possible = true;
  const visitor: LineVisitor = {
    line(frame, begin, end) {
      if (held > 0) {
        add(frame, begin, end);
        close();
        return;
      }
      if (possible) hit(frame.payload.toString("utf8", begin, end));
      row += 1;
    },
    rest: (frame, begin) => add(frame, begin, frame.payload.length),
    event(_frame, shown) {
      if (held > 0) close();
      hit(shown.text);
      row += 1;
    },
  };
  let { skip } = start;
  for await (const frames of readFrames(read, start.offset)) {
    for (const frame of frames) {
      possible = quick(frame.payload);
      splitFrame(frame, skip, visitor);
      skip = 0;
    }
    yield { hits, next: row, ended: false };
    hits = [];
  }
  const next = row;
  if (held > 0) close();
  yield { hits, next, ended: true };
}

/** False only when no whole line in the payload can match: one native scan instead of one a line. */
function quickTest(wanted: string): (payload: Buffer) => boolean {
  const isAscii = Buffer.byteLength(wanted) === wanted.length;
  if (!isAscii) return () => true;
  return (payload) => payload.includes(ESCAPE) || payload.toString("latin1").toLowerCase().includes(wanted);
}
