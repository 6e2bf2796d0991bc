/**
 * Text from boxes and people as harmless text: escape sequences gone, controls made visible or dropped.
 * Linear in the input; nothing here uses a pattern that could backtrack.
 */

const ESC = 0x1b;
const BEL = 0x07;
const CSI = 0x9b;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;

/** Longest escape sequence that is believed; a longer one is output that only looks like one. Titles are far shorter. */
const MAX_SEQUENCE_CHARS = 4_096;

/** Characters that change the order in which others are shown; a reader would see another text than the one that is there. */
const BIDI_CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

// Tab and line feed stay: they are layout. Everything else of C0, DEL and C1 is shown as its picture or dropped.
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;

/**
 * Text as it may be shown in Markdown or on a page: well-formed Unicode, without ANSI sequences, carriage returns as line ends,
 * other controls as visible pictures (`␀`), order-changing marks as `[U+202E]`. Keeps tabs and line feeds.
 */
export function plainText(text: string): string {
  return stripAnsi(text.toWellFormed())
    .replace(/\r\n?/gu, "\n")
    .replace(CONTROL, picture)
    .replace(BIDI_CONTROL, (mark) => `[U+${hex(mark)}]`);
}

/** Like `plainText`, on one line: every run of white space is one space, none at the ends. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/gu, " ").trim();
}

/** The first character that may not stand in a command, as `U+0000`; null when there is none. Tabs and line feeds may. */
export function forbiddenCharacter(text: string): string | null {
  if (!text.isWellFormed()) return "half of a surrogate pair";
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  const found = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u.exec(text);
  return found === null ? null : `U+${hex(found[0])}`;
}

/** The text without its escape sequences, everything else as it is. */
export function stripAnsi(text: string): string {
  if (!text.includes("\u001b") && !text.includes("\u009b")) return text;
  const kept: string[] = [];
  let start = 0;
  let at = 0;
  while (at < text.length) {
    const end = sequenceEnd(text, at);
    if (end === at) {
      at++;
      continue;
    }
    kept.push(text.slice(start, at));
    start = end;
    at = end;
  }
  kept.push(text.slice(start));
  return kept.join("");
}

/** Index after the escape sequence that begins at `at`; `at` itself when none does. */
function sequenceEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === CSI) return controlSequenceEnd(text, at + 1);
  if (first !== ESC) return at;
  switch (text[at + 1]) {
    case "[":
      return controlSequenceEnd(text, at + 2);
    case "]":
    case "P":
    case "X":
    case "^":
    case "_":
      return stringEnd(text, at + 2);
    case undefined:
    case "\n":
      return at + 1;
    default:
      return escapeEnd(text, at + 1);
  }
}

function controlSequenceEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + MAX_SEQUENCE_CHARS);
  let at = from;
  while (at < limit && between(text.charCodeAt(at), 0x20, 0x3f)) at++;
  // A final byte ends it; anything else means it was cut off, and what follows is text.
  return at < text.length && between(text.charCodeAt(at), 0x40, 0x7e) ? at + 1 : at;
}

/** Operating system commands and their kin end at BEL or ESC \; one that does not end on its line is given up as introducer only. */
function stringEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + MAX_SEQUENCE_CHARS);
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === BEL) return at + 1;
    if (code === LINE_FEED) return from;
    if (code === ESC) return text.charCodeAt(at + 1) === BACKSLASH ? at + 2 : from;
  }
  return from;
}

function escapeEnd(text: string, from: number): number {
  let at = from;
  const limit = Math.min(text.length, from + MAX_SEQUENCE_CHARS);
  while (at < limit && between(text.charCodeAt(at), 0x20, 0x2f)) at++;
  return at < text.length && between(text.charCodeAt(at), 0x30, 0x7e) ? at + 1 : at;
}

function between(code: number, low: number, high: number): boolean {
  return code >= low && code <= high;
}

/** C0 and DEL have pictures in Unicode; C1 have none and are dropped. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "";
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
