import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { ReadJournal } from "./frames.ts";
import { readFrames } from "./frames.ts";
import type { ShownEvent } from "./shown-event.ts";
import { splitFrame } from "./split.ts";

/** The end of a command's output, for a check run. */
export type LogTail = {
  readonly text: string;
  /** Output bytes before `text` that are not in it. */
  readonly beforeBytes: number;
};

/** How far behind the cut a line's begin is looked for. */
const LINE_SEARCH_BYTES = 1024;
const NEWLINE = 10;

/** The last `maxBytes` of the output, from a line's begin where one is near; gaps are said. One pass, a few buffers in memory. */
export async function readTail(read: ReadJournal, maxBytes: number): Promise<LogTail> {
  let parts: Buffer[] = [];
  let held = 0;
  let total = 0;
  const keep = (batch: readonly Buffer[], batchBytes: number): void => {
    total += batchBytes;
    // One byte more than is wanted: so the cut below knows that it is one, and finds a border.
    const late = lastOf(batch, maxBytes + 1);
    // Copies: a view would keep its whole read alive.
    parts = batchBytes > maxBytes ? [Buffer.concat(late)] : [...parts, Buffer.concat(late)];
    held = batchBytes > maxBytes ? maxBytes + 1 : held + batchBytes;
    if (held < 2 * maxBytes + LINE_SEARCH_BYTES) return;
    parts = [Buffer.concat(parts).subarray(-(maxBytes + 1))];
    held = maxBytes + 1;
  };
  for await (const frames of readFrames(read, 0)) {
    const batch: Buffer[] = [];
    let batchBytes = 0;
    const add = (bytes: Buffer): void => {
      batch.push(bytes);
      batchBytes += bytes.length;
    };
    const sayGap = (shown: ShownEvent): void => {
      if (shown.kind === "gap") add(Buffer.from(`\n[… ${shown.text} …]\n`));
    };
    for (const frame of frames) {
      if (frame.type === FRAME.output) add(frame.payload);
      else splitFrame(frame, 0, { line: never, rest: never, event: (_, shown) => sayGap(shown) });
    }
    keep(batch, batchBytes);
  }
  const bytes = Buffer.concat(parts);
  const cut = bytes.subarray(cutAt(bytes, maxBytes));
  return { text: cut.toString("utf8"), beforeBytes: total - cut.length };
}

/** The pieces' last `maxBytes` at the most, in order. */
function lastOf(pieces: readonly Buffer[], maxBytes: number): readonly Buffer[] {
  const last: Buffer[] = [];
  let left = maxBytes;
  for (let at = pieces.length - 1; at >= 0 && left > 0; at -= 1) {
    const piece = pieces[at]?.subarray(-left);
    if (piece === undefined) break;
    last.push(piece);
    left -= piece.length;
  }
  return last.reverse();
}

function cutAt(bytes: Buffer, maxBytes: number): number {
  if (bytes.length <= maxBytes) return 0;
  let at = bytes.length - maxBytes;
  const newline = bytes.subarray(at, at + LINE_SEARCH_BYTES).indexOf(NEWLINE);
  if (newline !== -1 && at + newline + 1 < bytes.length) return at + newline + 1;
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}

/** Events have no lines. */
function never(): void {}
