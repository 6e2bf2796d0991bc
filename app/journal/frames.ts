import { FRAME_HEADER_BYTES, isJournalHeader, readFrameHeader } from "../../runner-bootstrap/boxd/frame.ts";

/** Bytes `offset` and on of one journal, at most `maxBytes`; empty at its end. */
export type ReadJournal = (offset: number, maxBytes: number) => Promise<Buffer>;

/** One frame with its place in the journal; `payload` is a view of the buffer that was read. */
export type JournalFrame = {
  readonly type: number;
  readonly ms: number;
  readonly offset: number;
  readonly end: number;
  readonly payload: Buffer;
};

/** One read: several frames of the largest size, small enough that the event loop is never held for long. */
export const READ_BYTES = 256 * 1024;

/**
 * Whole frames from `offset` (a frame's begin) to the end of what is there now, a batch a read. Stops at a torn tail; what stands
 * behind it is not a journal.
 */
export async function* readFrames(
  read: ReadJournal,
  offset: number,
): AsyncGenerator<readonly JournalFrame[], void> {
  let next = offset;
  for (;;) {
    const frames = parseFrames(await read(next, READ_BYTES), next);
    const last = frames.at(-1);
    if (last === undefined) return;
    next = last.end;
    yield frames;
  }
}

function parseFrames(bytes: Buffer, offset: number): readonly JournalFrame[] {
  const frames: JournalFrame[] = [];
  let at = 0;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const header = readFrameHeader(bytes, at);
    const end = at + FRAME_HEADER_BYTES + header.length;
    if (!isJournalHeader(header) || end > bytes.length) break;
    frames.push({
      type: header.type,
      ms: header.ms,
      offset: offset + at,
      end: offset + end,
      payload: bytes.subarray(at + FRAME_HEADER_BYTES, end),
    });
    at = end;
  }
  return frames;
}
