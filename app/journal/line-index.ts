import { readFrames } from "./frames.ts";
import type { JournalFrame, ReadJournal } from "./frames.ts";
import { createCheckpoints } from "./checkpoints.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { createOpenLine } from "./open-line.ts";
import type { LongLine } from "./open-line.ts";
import { splitFrame } from "./split.ts";
import type { LineVisitor } from "./split.ts";

/**
 * Where the rows of one journal begin, in bounded memory however long it is: a checkpoint every few hundred rows, and the
 * lines too long to be read over again. Grows with the journal; rows never change but for the last, unfinished one.
 */
export type LineIndex = {
  /** Rows known so far, an unfinished last line included. */
  readonly rows: number;
  /** Row of the unfinished last line, null when the last line is whole. */
  readonly openRow: number | null;
  /** Journal bytes indexed so far. */
  readonly offset: number;
  /** Box's clock at the newest frame, epoch ms; 0 when there is none. */
  readonly lastMs: number;
  /** Reads up to about `budgetBytes` more; true when the journal's present end is reached. Safe to call at any time. */
  extend(budgetBytes: number): Promise<boolean>;
  /** Extends until `row` is known or the journal ends. */
  cover(row: number): Promise<void>;
  /** The nearest checkpoint at or before `row`. */
  before(row: number): Checkpoint;
  /** The first long line at or after `row`, when it begins before `until`. */
  longLine(row: number, until: number): (LongLine & { readonly row: number }) | null;
};

/** A line from here on is not read over again to reach the next one. */
const LONG_LINE_BYTES = 64 * 1024;
/** 16,384 lines of 64 KiB are 1 GiB; past it long lines are read like others, slower but right. */
const MAX_LONG_LINES = 16_384;
/** One turn of `cover`. */
const COVER_BYTES = 8 * 1024 * 1024;

/** An empty index over `read`; nothing is read until it is asked to extend. */
export function createLineIndex(read: ReadJournal): LineIndex {
  const checkpoints = createCheckpoints();
  const open = createOpenLine();
  const longRows: number[] = [];
  const longLines = new Map<number, LongLine>();
  let closed = 0;
  let offset = 0;
  let lastMs = 0;
  let running: Promise<boolean> | null = null;

  const close = (frame: JournalFrame, skip: number): void => {
    const end = { offset: frame.offset, skip };
    if (open.bytes >= LONG_LINE_BYTES && longRows.length < MAX_LONG_LINES) {
      longRows.push(closed);
      longLines.set(closed, open.describe(end));
    }
    open.reset();
    closed += 1;
    checkpoints.offer(closed, frame.offset, skip);
  };
  const visitor: LineVisitor = {
    line(frame, from, to) {
      if (open.bytes > 0) open.add(frame, from, to);
      close(frame, to + 1);
    },
    rest(frame, from) {
      open.add(frame, from, frame.payload.length);
    },
    event(frame) {
      if (open.bytes > 0) close(frame, 0);
      closed += 1;
    },
  };
  const grow = async (budgetBytes: number): Promise<boolean> => {
    const until = offset + budgetBytes;
    for await (const frames of readFrames(read, offset)) {
      for (const frame of frames) {
        splitFrame(frame, 0, visitor);
        offset = frame.end;
        lastMs = frame.ms;
      }
      if (offset >= until) return false;
    }
    return true;
  };
  const extend = (budgetBytes: number): Promise<boolean> => {
    running ??= grow(budgetBytes).finally(() => {
      running = null;
    });
    return running;
  };

  return {
    get rows() {
      return closed + (open.bytes > 0 ? 1 : 0);
    },
    get openRow() {
      return open.bytes > 0 ? closed : null;
    },
    get offset() {
      return offset;
    },
    get lastMs() {
      return lastMs;
    },
    extend,
    async cover(row) {
      for (;;) {
        const ended = await extend(COVER_BYTES);
        if (ended || closed > row) return;
      }
    },
    before: (row) => checkpoints.before(row),
    longLine(row, until) {
      const at = lowerBound(longRows, row);
      const found = longRows[at];
      const known = found === undefined || found >= until ? undefined : longLines.get(found);
      if (found !== undefined && known !== undefined) return { ...known, row: found };
      const openIsLong = open.bytes >= LONG_LINE_BYTES && closed >= row && closed < until;
      return openIsLong ? { ...open.describe(null), row: closed } : null;
    },
  };
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
