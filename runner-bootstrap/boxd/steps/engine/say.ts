/** What the engine itself writes: text into a step's log, and annotations, of which GitHub keeps ten of each kind a step. */

import type { Step } from "./job.ts";

export type Level = "notice" | "warning" | "failure";

export type Where = {
  readonly title?: string;
  readonly path?: string;
  readonly line?: number;
  readonly endLine?: number;
  readonly column?: number;
  readonly endColumn?: number;
};

/** Annotations of one kind that a step keeps (actions/runner ExecutionContext.cs, _maxCountPerIssueType). */
const ANNOTATIONS_MAX = 10;
/** Characters of one message (ExecutionContext.cs, _maxIssueMessageLength). */
const MESSAGE_MAX = 4096;

const WORDS = { notice: "Notice: ", warning: "Warning: ", failure: "Error: " };

/** One line into the log. */
export function say(step: Step, line: string): void {
  const { pieces } = step.shown;
  if (pieces === null) put(step, Buffer.from(`${line}\n`));
  // Many short lines at once become one piece.
  else if (typeof pieces.at(-1) === "string") pieces[pieces.length - 1] += `${line}\n`;
  else pieces.push(`${line}\n`);
}

export function put(step: Step, bytes: Uint8Array): void {
  if (step.shown.pieces === null) step.job.host.log(step.shown.n, bytes);
  else step.shown.pieces.push(bytes);
}

/** Only in a job with debugging switched on. */
export function debug(step: Step, text: string): void {
  if (step.job.isDebug) say(step, `Debug: ${text}`);
}

export function fail(step: Step, message: string): void {
  issue(step, "failure", message);
}

export function warn(step: Step, message: string): void {
  issue(step, "warning", message);
}

/** Whether one more annotation of this kind would be kept. */
export function isRoomFor(step: Step, level: Level): boolean {
  return step.shown.counts[level] < ANNOTATIONS_MAX;
}

/** An annotation, as long as there is room, and its line in the log. */
export function issue(step: Step, level: Level, message: string, where: Where = {}, logged = message): void {
  const shown = step.shown;
  if (shown.counts[level] < ANNOTATIONS_MAX) {
    shown.counts[level] += 1;
    step.job.host.event({
      e: "annotation",
      n: shown.n,
      level,
      message: message.length > MESSAGE_MAX ? step.job.host.masked(message).slice(0, MESSAGE_MAX) : message,
      ...where,
    });
  }
  if (logged !== "") say(step, WORDS[level] + logged);
}
