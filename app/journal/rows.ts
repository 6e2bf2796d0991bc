import type { JournalFrame, ReadJournal } from "./frames.ts";
import { readFrames } from "./frames.ts";
import type { LineIndex } from "./line-index.ts";
import type { LongLine } from "./open-line.ts";
import { rowOf, VIEW_BYTES } from "./row.ts";
import type { LogRow } from "./row.ts";
import { splitFrame } from "./split.ts";
import type { LineVisitor, Position } from "./split.ts";

/** The most rows one answer carries. */
export const MAX_ROWS = 500;
/** Text one answer carries: past it fewer rows come than were asked for, one at the least. */
const ANSWER_BYTES = 2 * 1024 * 1024;

/** Rows `from` to `from + count`, fewer at the journal's end or when they are large. Reads little beside them. */
export async function readRows(
  read: ReadJournal,
  index: LineIndex,
  from: number,
  count: number,
): Promise<readonly LogRow[]> {
  const until = from + Math.min(count, MAX_ROWS);
  await index.cover(until);
  const rows: LogRow[] = [];
  let at: Position & { readonly row: number } = index.before(from);
  let size = 0;
  const keep = (row: LogRow): boolean => {
    if (row.n < from) return true;
    rows.push(row);
    size += row.s.length;
    return size < ANSWER_BYTES;
  };
  for (;;) {
    const long = index.longLine(at.row, until);
    const stop = Math.min(until, long?.row ?? until);
    if (at.row < stop && !(await readPlain(read, at, stop, keep))) return rows;
    if (long === null) return rows;
    if (long.row >= from && !keep(await readLong(read, long))) return rows;
    if (long.end === null || long.row + 1 >= until) return rows;
    at = { ...long.end, row: long.row + 1 };
  }
}

/** Reads rows from `at` up to (not with) `stop`; false when `keep` had enough. */
async function readPlain(
  read: ReadJournal,
  at: Position & { readonly row: number },
  stop: number,
  keep: (row: LogRow) => boolean,
): Promise<boolean> {
  let row = at.row;
  let parts: Buffer[] = [];
  let startMs = 0;
  let more = true;
  const add = (frame: JournalFrame, from: number, to: number): void => {
    if (parts.length === 0) startMs = frame.ms;
    parts.push(frame.payload.subarray(from, to));
  };
  const emit = (made: LogRow): void => {
    if (more && row < stop) more = keep(made);
    row += 1;
  };
  const close = (): void => {
    const [only] = parts;
    const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    emit(rowOf(row, startMs, bytes, bytes.length));
    parts = [];
  };
  const visitor: LineVisitor = {
    line(frame, from, to) {
      if (row >= stop) return;
      add(frame, from, to);
      close();
    },
    rest(frame, from) {
      if (row < stop) add(frame, from, frame.payload.length);
    },
    event(frame, shown) {
      if (parts.length > 0) close();
      if (row < stop) emit({ n: row, t: frame.ms, k: shown.kind, s: shown.text });
    },
  };
  let skip = at.skip;
  for await (const frames of readFrames(read, at.offset)) {
    for (const frame of frames) {
      splitFrame(frame, skip, visitor);
      skip = 0;
      if (row >= stop || !more) return more;
    }
  }
  if (parts.length > 0 && row < stop) close();
  return more;
}

/** What can be seen of a long line: the head of its last visible stretch. */
async function readLong(read: ReadJournal, long: LongLine & { readonly row: number }): Promise<LogRow> {
  const parts: Buffer[] = [];
  let size = 0;
  let startMs = 0;
  let ended = false;
  const add = (frame: JournalFrame, from: number, to: number): void => {
    if (size === 0) startMs = frame.ms;
    parts.push(frame.payload.subarray(from, to));
    size += to - from;
  };
  const visitor: LineVisitor = {
    line(frame, from, to) {
      if (!ended) add(frame, from, to);
      ended = true;
    },
    rest(frame, from) {
      if (!ended) add(frame, from, frame.payload.length);
    },
    event() {
      ended = true;
    },
  };
  let { skip } = long.view;
  for await (const frames of readFrames(read, long.view.offset)) {
    for (const frame of frames) {
      splitFrame(frame, skip, visitor);
      skip = 0;
      if (ended || size > VIEW_BYTES) return rowOf(long.row, startMs, Buffer.concat(parts), long.bytes);
    }
  }
  return rowOf(long.row, startMs, Buffer.concat(parts), long.bytes);
}
