/**
 * Reads what a program prints: takes workflow commands out and obeys them, tries problem matchers, and lets all else through as
 * it came. Lines are put together over chunk borders up to a bound; beyond it a line is plain text. Nothing is dropped.
 */

import type { Step } from "./job.ts";
import { newCommandState, tryCommand } from "./commands.ts";
import { openMatching } from "./matching.ts";
import { put } from "./say.ts";

export type Output = { write(chunk: Uint8Array): void; end(): void };

/** Bytes of a line that is kept back because it may be a command; GitHub takes outputs of at most 1 MiB. */
const LINE_MAX_BYTES = 1024 * 1024;

const NEWLINE = 10;
const RETURN = 13;
const COLON = 58;
const HASH = 35;

export function openOutput(step: Step): Output {
  const commands = newCommandState();
  const matching = openMatching(step);
  let kept: Buffer[] = [];
  let keptBytes = 0;
  /** The beginning of the current line has been let through. */
  let isPassing = false;

  const keep = (rest: Buffer): void => {
    if (rest.length === 0) return;
    if (
      keptBytes + rest.length > LINE_MAX_BYTES ||
      (kept.length === 0 && !matching.isOn() && !mayBeCommand(rest))
    ) {
      for (const part of kept) put(step, part);
      put(step, rest);
      kept = [];
      keptBytes = 0;
      isPassing = true;
      return;
    }
    kept.push(rest);
    keptBytes += rest.length;
  };

  const read = (chunk: Buffer): void => {
    let at = 0;
    if (isPassing || kept.length > 0) {
      const newline = chunk.indexOf(NEWLINE);
      if (newline === -1) {
        if (isPassing) put(step, chunk);
        else keep(chunk);
        return;
      }
      at = newline + 1;
      const rest = chunk.subarray(0, at);
      if (isPassing) put(step, rest);
      else block(Buffer.concat([...kept, rest]));
      isPassing = false;
      kept = [];
      keptBytes = 0;
    }
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > at) block(chunk.subarray(at, end));
    keep(chunk.subarray(Math.max(at, end)));
  };

  /** Whole lines; a command among them may switch matchers on for those after it. */
  const block = (lines: Buffer): void => {
    let plainFrom = 0;
    let at = 0;
    let bracket = lines.indexOf("##[");
    const plain = (to: number): void => {
      if (to > plainFrom) matching.pass(lines.subarray(plainFrom, to));
    };
    while (at < lines.length) {
      const colons = lines.indexOf("::", at);
      if (bracket !== -1 && bracket < at) bracket = lines.indexOf("##[", at);
      const found = bracket !== -1 && (colons === -1 || bracket < colons) ? bracket : colons;
      if (found === -1) break;
      const start = found === bracket ? lineStart(lines, found, plainFrom) : startIfFirst(lines, found);
      if (start === -1) {
        // In the midst of a line it is text.
        at = found + 2;
        continue;
      }
      const stop = lineStop(lines, found);
      at = stop;
      const isCommand = tryCommand(
        step,
        commands,
        lines.toString("utf8", start, endOfText(lines, start, stop)),
        () => plain(start),
      );
      if (isCommand) plainFrom = stop;
    }
    plain(lines.length);
  };

  return {
    write(chunk) {
      step.shown.pieces = [];
      read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      flush(step);
    },
    end() {
      step.shown.pieces = [];
      if (kept.length > 0) block(Buffer.concat(kept));
      matching.end();
      flush(step);
      closeGroup(step);
    },
  };
}

function flush(step: Step): void {
  const pieces = (step.shown.pieces ?? []).map((piece) =>
    typeof piece === "string" ? Buffer.from(piece) : piece,
  );
  step.shown.pieces = null;
  const [first] = pieces;
  if (first !== undefined)
    step.job.host.log(step.shown.n, pieces.length === 1 ? first : Buffer.concat(pieces));
}

function closeGroup(step: Step): void {
  if (step.shown.group === null) return;
  step.job.host.event({ e: "group", n: step.shown.n, at: "end", name: step.shown.group });
  step.shown.group = null;
}

/** Whether the beginning of a line leaves open that it is a command. */
function mayBeCommand(start: Buffer): boolean {
  let at = 0;
  while (isBlank(start[at])) at += 1;
  if (at === start.length || start[at] === COLON) return true;
  return start[start.length - 1] === HASH || start.includes("##[") || start.includes("\r");
}

/** Where the line begins if nothing but blanks stands before `found`; -1 otherwise. */
function startIfFirst(lines: Buffer, found: number): number {
  let at = found;
  while (at > 0 && isBlank(lines[at - 1])) at -= 1;
  return at === 0 || lines[at - 1] === NEWLINE || lines[at - 1] === RETURN ? at : -1;
}

/** The runner takes a lone carriage return for the end of a line as well. */
function lineStart(lines: Buffer, found: number, from: number): number {
  const start = from + lines.subarray(from, found).lastIndexOf(NEWLINE) + 1;
  return start + lines.subarray(start, found).lastIndexOf(RETURN) + 1;
}

/** Behind the line's end. */
function lineStop(lines: Buffer, found: number): number {
  const newline = lines.indexOf(NEWLINE, found);
  const stop = newline === -1 ? lines.length : newline + 1;
  const lone = lines.subarray(found, stop).indexOf(RETURN);
  if (lone === -1) return stop;
  const at = found + lone + 1;
  return lines[at] === NEWLINE ? at + 1 : at;
}

function endOfText(lines: Buffer, start: number, stop: number): number {
  let end = stop;
  if (end > start && lines[end - 1] === NEWLINE) end -= 1;
  if (end > start && lines[end - 1] === RETURN) end -= 1;
  return end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 11 || byte === 12;
}
