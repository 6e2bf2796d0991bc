import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { ReadJournal } from "./frames.ts";
import { readFrames } from "./frames.ts";
import type { ShownEvent } from "./shown-event.ts";
import { splitFrame } from "./split.ts";
import { stripAnsi } from "../plain-text.ts";

/** A line that never ends is let go of in pieces of this size; an escape sequence across the border may then stay. */
const LINE_HELD_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * The command's output alone, byte for byte as it was kept; gaps are said in a line of their own. With `ansi: "strip"` escape
 * sequences go, and bytes that are not UTF-8 become U+FFFD. Pull as fast as you like: one read at a time.
 */
export async function* outputOf(read: ReadJournal, ansi: "keep" | "strip"): AsyncGenerator<Buffer, void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const take = (upTo: Buffer): Buffer => {
    const bytes = Buffer.concat([...held, upTo]);
    held = [];
    heldBytes = 0;
    return bytes;
  };
  const strip = (bytes: Buffer): Buffer => Buffer.from(stripAnsi(bytes.toString("utf8")));
  for await (const frames of readFrames(read, 0)) {
    const kept: Buffer[] = [];
    for (const frame of frames) {
      if (frame.type === FRAME.output) kept.push(frame.payload);
      else
        splitFrame(frame, 0, {
          line: nothing,
          rest: nothing,
          event: (_, shown) => kept.push(gapLine(shown)),
        });
    }
    const bytes = Buffer.concat(kept);
    if (ansi === "keep") {
      if (bytes.length > 0) yield bytes;
      continue;
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) yield strip(take(bytes.subarray(0, end)));
    held.push(bytes.subarray(end));
    heldBytes += bytes.length - end;
    if (heldBytes > LINE_HELD_BYTES) yield strip(take(Buffer.alloc(0)));
  }
  if (heldBytes > 0) yield strip(take(Buffer.alloc(0)));
}

function gapLine(shown: ShownEvent): Buffer {
  return shown.kind === "gap" ? Buffer.from(`\n[crabbox: ${shown.text}]\n`) : Buffer.alloc(0);
}

/** Events have no lines. */
function nothing(): void {}
