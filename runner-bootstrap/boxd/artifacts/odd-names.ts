/** Names that nobody should have to see, type or save. */

import { ARTIFACT_NAME_MAX } from "../artifact-wire.ts";

/** Controls, invisible and direction marks, separators of lines, halves of characters, a backslash, and what stands for bytes that are no UTF-8. */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\\ufffd]/u;
const SHOWN_MAX = 160;

/** Whether a path can be kept under its own name. */
export function isOddName(path: string): boolean {
  return path.length > ARTIFACT_NAME_MAX || ODD.test(path);
}

/** A path as a sentence can hold it, whatever is in it. */
export function shownName(path: string): string {
  const shown = path.replaceAll(new RegExp(ODD, "gu"), (odd) => `\\u{${odd.codePointAt(0)?.toString(16)}}`);
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX).toWellFormed()}…` : shown;
}
