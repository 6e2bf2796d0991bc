import type { CheckAnnotation } from "../github/check-content.ts";
import { clampBytes, shortLine } from "../clamp.ts";
import { plainText } from "../plain-text.ts";
import type { StepRemark } from "./step-remarks.ts";
import type { TestFailure } from "./test-results.ts";

/** GitHub takes so many a call; each further call is a write of its pace. */
export const ANNOTATIONS_A_CALL = 50;
/** Three calls; more is what the log is for. */
export const ANNOTATIONS_MAX = 150;
/** GitHub's limits are 255 characters and 64 KB. */
const TITLE_BYTES = 250;
const MESSAGE_BYTES = 4_000;

/**
 * What of an attempt is shown at the lines of files: failed tests and what set-up steps said, those on `changed` files first, of these
 * the failures. Deterministic, so that after a crash the rest can be told from what GitHub has.
 */
export function annotationsOf(
  failures: readonly TestFailure[],
  remarks: readonly StepRemark[],
  changed: ReadonlySet<string>,
): readonly CheckAnnotation[] {
  const all = [...failures.flatMap(ofFailure), ...remarks.flatMap(ofRemark)];
  const rank = ({ path, level }: CheckAnnotation): number =>
    (changed.has(path) ? 0 : 2) + (level === "failure" ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b)).slice(0, ANNOTATIONS_MAX);
}

function ofFailure({ name, message, path, line }: TestFailure): readonly CheckAnnotation[] {
  if (path === undefined) return [];
  return [
    {
      path,
      line: line ?? 1,
      level: "failure",
      title: titleOf(name),
      message: messageOf(message, "The test failed."),
    },
  ];
}

function ofRemark({ level, title, message, path, line, endLine }: StepRemark): readonly CheckAnnotation[] {
  if (path === undefined) return [];
  const first = Math.max(1, line ?? 1);
  return [
    {
      path,
      line: first,
      ...(endLine === undefined || endLine < first ? {} : { endLine }),
      level,
      title: titleOf(title ?? "Step"),
      message: messageOf(message, "(no text)"),
    },
  ];
}

function titleOf(text: string): string {
  return shortLine(text, TITLE_BYTES) || "(no name)";
}

/** GitHub refuses an empty message. */
function messageOf(text: string, instead: string): string {
  return clampBytes(plainText(text).trim(), MESSAGE_BYTES) || instead;
}
