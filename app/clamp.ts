import { plainLine, plainText } from "./plain-text.ts";

/** GitHub's limit for `output.summary` and for `output.text` of a check run, enforced in bytes (422 above it). */
export const CHECK_OUTPUT_MAX_BYTES = 65_535;
/** GitHub's limit for a comment's body, documented in characters; in bytes we are always under it. */
export const COMMENT_MAX_BYTES = 65_536;

const ELLIPSIS_BYTES = 3;

/** Where to cut a text that is too long. Errors stand at the end of a log, so logs keep the tail. */
export type Keep = "head" | "tail" | "middle_cut";

/** Size in UTF-8. Half of a surrogate pair counts as the replacement character it will become. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** The longest beginning of `text` that has at most `maxBytes` bytes of UTF-8; never half a character. */
export function clampBytes(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  if (utf8Bytes(whole) <= maxBytes) return whole;
  const bytes = Buffer.from(whole, "utf8");
  return bytes.toString("utf8", 0, boundaryBefore(bytes, Math.max(0, maxBytes)));
}

/**
 * At most `maxBytes` bytes of the text's end, after a line that says how many bytes are missing. The cut is moved to a line's
 * begin when one is near.
 */
export function clampTail(text: string, maxBytes: number): string {
  return cut(text, maxBytes, 0);
}

/** At most `maxBytes` bytes: a quarter from the beginning, the rest from the end, between them a line that says what is missing. */
export function clampMiddle(text: string, maxBytes: number): string {
  return cut(text, maxBytes, 0.25);
}

/**
 * Untrusted text as a Markdown code block of at most `maxBytes` bytes that nothing in the text can leave: escape sequences
 * and controls gone, and a fence longer than any run of backticks in it, so that `@mentions`, HTML and fences stay text.
 * Stands alone between blank lines; always closed. Empty when not even an empty block fits.
 */
export function fence(text: string, maxBytes: number, keep: Keep = "tail"): string {
  let room = maxBytes;
  const clean = plainText(text).replace(/\n+$/u, "");
  for (;;) {
    const body = clampAs(clean, room, keep);
    const marks = "`".repeat(Math.max(3, longestRun(body) + 1));
    const block = `${marks}text\n${body}\n${marks}`;
    const over = utf8Bytes(block) - maxBytes;
    if (over <= 0) return block;
    if (room <= 0) return "";
    // A shorter body may need a shorter fence, so this ends after two rounds but for hostile runs; it always shrinks.
    room = Math.max(0, Math.min(room, utf8Bytes(body)) - over);
  }
}

/**
 * Untrusted text as a code span on one line; at most `maxBytes` of it are shown, cut with an ellipsis. Not for a table's cell.
 * Never empty: GitHub would show the backticks.
 */
export function inlineCode(text: string, maxBytes: number): string {
  const shown = shortLine(text, maxBytes) || " ";
  const marks = "`".repeat(longestRun(shown) + 1);
  const pad = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${marks}${pad}${shown}${pad}${marks}`;
}

/**
 * Untrusted text as code in a table's cell: every sign that Markdown or HTML could read is written as a character reference,
 * because a pipe ends a cell even inside a code span. At most `maxBytes` of the text are shown.
 */
export function cellCode(text: string, maxBytes: number): string {
  const escaped = shortLine(text, maxBytes).replace(
    /[&<>|`*_~[\]\\@#!$:.^]/gu,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
  return `<code>${escaped}</code>`;
}

/** Untrusted text as one plain line of at most `maxBytes` bytes, cut with an ellipsis. Not escaped for Markdown. */
export function shortLine(text: string, maxBytes: number): string {
  const clean = plainLine(text);
  return utf8Bytes(clean) <= maxBytes
    ? clean
    : `${clampBytes(clean, Math.max(0, maxBytes - ELLIPSIS_BYTES))}…`;
}

function clampAs(text: string, maxBytes: number, keep: Keep): string {
  switch (keep) {
    case "head":
      return clampBytes(text, maxBytes);
    case "tail":
      return clampTail(text, maxBytes);
    case "middle_cut":
      return clampMiddle(text, maxBytes);
  }
}

/** Longest line end searched for behind a cut. */
const LINE_SEARCH_BYTES = 1_024;
const LINE_FEED = 0x0a;

function cut(text: string, maxBytes: number, headShare: number): string {
  const whole = text.toWellFormed();
  const bytes = Buffer.from(whole, "utf8");
  if (bytes.length <= maxBytes) return whole;
  // The note is longest when everything is missing.
  const room = maxBytes - utf8Bytes(note(bytes.length)) - 1;
  if (room <= 0) return clampBytes(note(bytes.length), maxBytes);
  const headEnd = boundaryBefore(bytes, Math.floor(room * headShare));
  const tailStart = lineStartNear(bytes, boundaryAfter(bytes, bytes.length - (room - headEnd)));
  const head = headEnd === 0 ? "" : `${bytes.toString("utf8", 0, headEnd)}\n`;
  return `${head}${note(tailStart - headEnd)}${bytes.toString("utf8", tailStart)}`;
}

function note(missingBytes: number): string {
  return `[… ${missingBytes} bytes left out …]\n`;
}

/** The largest index <= `at` that does not stand inside a character. */
function boundaryBefore(bytes: Buffer, at: number): number {
  let index = Math.min(at, bytes.length);
  while (index > 0 && isContinuation(bytes[index])) index--;
  return index;
}

/** The smallest index >= `at` that does not stand inside a character. */
function boundaryAfter(bytes: Buffer, at: number): number {
  let index = Math.max(0, at);
  while (index < bytes.length && isContinuation(bytes[index])) index++;
  return index;
}

function lineStartNear(bytes: Buffer, at: number): number {
  if (at === 0 || bytes[at - 1] === LINE_FEED) return at;
  const end = bytes.subarray(at, at + LINE_SEARCH_BYTES).indexOf(LINE_FEED);
  return end === -1 || at + end + 1 >= bytes.length ? at : at + end + 1;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.matchAll(/`+/gu)) longest = Math.max(longest, run[0].length);
  return longest;
}
