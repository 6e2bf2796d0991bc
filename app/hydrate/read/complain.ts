import { LineCounter } from "yaml";
import { didYouMean } from "../../did-you-mean.ts";
import type { Place } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { MAX_FAULTS, type Fault } from "./fault.ts";

/** Characters of a line that are shown. */
const MAX_EXCERPT_CHARS = 160;
/** Names listed as allowed; longer lists help nobody. */
const MAX_LISTED = 30;
/** Found values are repeated up to here. */
const MAX_QUOTED_CHARS = 60;

/** Collects the faults of one file. */
export type Complaints = {
  readonly faults: readonly Fault[];
  /** What GitHub takes, and means something else than it looks. */
  readonly warnings: readonly Fault[];
  /** `at` is an offset in the text. More than `MAX_FAULTS` are not kept. */
  add(at: number, key: string, message: string, hint?: string): void;
  addAt(line: number, column: number, key: string, message: string, hint?: string): void;
  warnAt(line: number, column: number, key: string, message: string): void;
  placeAt(offset: number): Place;
  /** Spaces that a line starts with. */
  indentOf(line: number): number;
  isFull(): boolean;
};

/** `lines` must have counted the text already, or the text is counted here. */
export function complaintsOf(path: string, text: string, lines = counted(text)): Complaints {
  const faults: Fault[] = [];
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const warnings: Fault[] = [];
  const addTo = (list: Fault[], line: number, column: number, key: string, message: string, hint: string) => {
    if (list.length >= MAX_FAULTS) return;
    const start = lines.lineStarts[line - 1] ?? 0;
    const next = lines.lineStarts[line];
    const whole = text.slice(start, next === undefined ? undefined : next - 1);
    list.push({ path, line, column, excerpt: excerptOf(whole, column), key, message, hint });
  };
  const addAt: Complaints["addAt"] = (line, column, key, message, hint = "") =>
    addTo(faults, line, column, key, message, hint);
  return {
    faults,
    warnings,
    placeAt,
    indentOf: (line) =>
      / */uy.exec(text.slice(lines.lineStarts[line - 1] ?? text.length, lines.lineStarts[line]))?.[0]
        .length ?? 0,
    addAt,
    warnAt: (line, column, key, message) => addTo(warnings, line, column, key, message, ""),
    add(at, key, message, hint) {
      const { line, column } = placeAt(at);
      addAt(line, column, key, message, hint);
    },
    isFull: () => faults.length >= MAX_FAULTS,
  };
}

/** What is allowed, as a hint, the nearest name first. */
export function allowedHint(found: string, allowed: readonly string[]): string {
  const near = didYouMean(found, allowed);
  const guess = near === null ? "" : `Did you mean \`${near}\`? `;
  const shown = allowed.slice(0, MAX_LISTED).map((one) => `\`${one}\``);
  const more = allowed.length > MAX_LISTED ? `, and ${allowed.length - MAX_LISTED} more` : "";
  return `${guess}Allowed: ${shown.join(", ")}${more}.`;
}

/** A name from the file between backticks, cut when it is long. */
export function quoted(text: string): string {
  const line = visible(text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text);
  return `\`${line}\``;
}

function excerptOf(line: string, column: number): string {
  const from = line.length <= MAX_EXCERPT_CHARS ? 0 : Math.max(0, column - 1 - MAX_EXCERPT_CHARS / 2);
  const part = line.slice(from, from + MAX_EXCERPT_CHARS);
  return visible(`${from > 0 ? "…" : ""}${part}${from + part.length < line.length ? "…" : ""}`).trimEnd();
}

function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    char === "\r" ? "" : char === "\t" ? " " : "\u{FFFD}",
  );
}

function counted(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
  return lines;
}
