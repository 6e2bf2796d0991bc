import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { JournalFrame } from "./frames.ts";
import { shownEvent } from "./shown-event.ts";
import type { ShownEvent } from "./shown-event.ts";

/** A place in a journal: a frame's begin and how much of its payload is behind us. */
export type Position = { readonly offset: number; readonly skip: number };

/** What a journal is made of for a reader of lines. */
export type LineVisitor = {
  /** A line, or the last part of one that began in an earlier frame, ends before the newline at `to`. */
  line(frame: JournalFrame, from: number, to: number): void;
  /** Output without a newline up to the frame's end: the line goes on. */
  rest(frame: JournalFrame, from: number): void;
  /** An event that is a row of its own; it ends an open line. */
  event(frame: JournalFrame, shown: ShownEvent): void;
};

const NEWLINE = 10;

/** Walks one frame from `skip` bytes into its payload. Index, viewer and search all count rows by this one walk. */
export function splitFrame(frame: JournalFrame, skip: number, visitor: LineVisitor): void {
  if (frame.type === FRAME.event) {
    const shown = shownEvent(frame.payload);
    if (shown !== null) visitor.event(frame, shown);
    return;
  }
  let at = skip;
  for (;;) {
    const newline = frame.payload.indexOf(NEWLINE, at);
    if (newline === -1) break;
    visitor.line(frame, at, newline);
    at = newline + 1;
  }
  if (at < frame.payload.length) visitor.rest(frame, at);
}
