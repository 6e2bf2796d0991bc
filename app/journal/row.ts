import type { ShownEvent } from "./shown-event.ts";

/** One row of the log as pages get it. Short keys: hundreds go into each answer. */
export type LogRow = {
  /** Number of the row, from 0. */
  readonly n: number;
  /** Epoch ms on the box's clock at which it began. */
  readonly t: number;
  /** `out`: output with its ANSI sequences; else a separator. */
  readonly k: "out" | ShownEvent["kind"];
  readonly s: string;
  /** The whole line's bytes, when only its beginning is in `s`. */
  readonly cut?: number;
};

/** What one line may bring to a screen: some 160 rows of 100 characters. */
export const VIEW_BYTES = 16 * 1024;

const RETURN = 13;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An output row from a line's bytes (or a long line's visible ones), cut for the view on a character's border. */
export function rowOf(n: number, t: number, bytes: Buffer, lineBytes: number): LogRow {
  const visible = bytes.length > VIEW_BYTES ? behindLastReturn(bytes) : bytes;
  if (visible.length <= VIEW_BYTES) return { n, t, k: "out", s: decoder.decode(visible) };
  let end = VIEW_BYTES;
  while (end > VIEW_BYTES - 4 && ((visible[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { n, t, k: "out", s: decoder.decode(visible.subarray(0, end)), cut: lineBytes };
}

/** What a terminal would still show of a line that was written over again and again. */
function behindLastReturn(bytes: Buffer): Buffer {
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
  return bytes.subarray(bytes.lastIndexOf(RETURN, end - 1) + 1);
}
