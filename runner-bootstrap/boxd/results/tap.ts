/** The Test Anything Protocol, 12 to 14: its lines, its subtests, and whether it adds up. */

import type { BoundedText, ResultParser, ResultSink } from "./result-sink.ts";
import { ResultError, createBoundedText, firstWords } from "./result-sink.ts";
import type { TapLine } from "./tap-line.ts";
import { readTapLine } from "./tap-line.ts";
import { createTextLines } from "./text-lines.ts";

type Point = Extract<TapLine, { kind: "point" }>;

/** One level of tests: that of a file, or of a subtest. */
type Level = {
  plan: number | undefined;
  points: number;
  /** Points that failed and count as failed. */
  failed: number;
  lastNumber: number;
};

/** Spaces a subtest is indented by (TAP 14). */
const INDENT = 4;
const LOCATION_MAX = 1_000;
/** Deeper ones are read as text. */
const DEPTH_MAX = 16;

/**
 * A parser of one stream. Tests are counted where they are leaves: a test point that sums up the subtest before it counts
 * only when it fails and none of them did. What does not add up is noted, never believed. `end` throws when there was no TAP.
 */
export function createTapParser(sink: ResultSink): ResultParser {
  const levels: Level[] = [newLevel()];
  let isTap = false;
  let hadBail = false;
  /** The newest failed point waits for its diagnostics. */
  let open: { readonly name: string; readonly text: BoundedText; location: string } | undefined;
  let yamlIndent: number | undefined;

  const flush = (): void => {
    if (open === undefined) return;
    const diagnostics = open.text.text;
    // Where the test begins, says less than where it broke: the stack goes first.
    const trace = open.location === "" ? diagnostics : `${diagnostics}${open.location}\n`;
    sink.failed({ name: open.name, message: messageOf(diagnostics), trace });
    open = undefined;
  };
  const closeBelow = (depth: number): Level | undefined => {
    let child: Level | undefined;
    while (levels.length > depth + 1) {
      child = levels.pop();
      if (child !== undefined) checkPlan(child, "A subtest", sink);
    }
    return child;
  };
  const point = (found: Point, depth: number): void => {
    flush();
    while (levels.length <= depth) levels.push(newLevel());
    const child = levels.length > depth + 1 ? closeBelow(depth) : undefined;
    const level = levels[depth];
    if (level === undefined) return;
    level.points += 1;
    const number = found.number ?? level.lastNumber + 1;
    if (number !== level.lastNumber + 1)
      sink.note(`Test ${number} came where test ${level.lastNumber + 1} was due.`);
    level.lastNumber = number;
    const isParent = child !== undefined && child.points > 0;
    const isBad = !found.ok && found.mark === undefined;
    if (isBad) level.failed += 1;
    if (isParent && found.ok && found.mark === undefined && child.failed > 0)
      sink.note(`"${found.name}" says ok, and ${child.failed} of its tests failed.`);
    if (isParent && (!isBad || child.failed > 0)) return;
    if (found.mark !== undefined) sink.skipped();
    else if (found.ok) sink.passed();
    else open = { name: found.name || `test ${number}`, text: createBoundedText(), location: "" };
  };
  const told = (line: TapLine, depth: number): void => {
    switch (line.kind) {
      case "point":
        return point(line, depth);
      case "plan": {
        flush();
        while (levels.length <= depth) levels.push(newLevel());
        const level = levels[depth];
        if (level?.plan !== undefined) sink.note("It has more than one plan.");
        else if (level !== undefined) level.plan = line.count;
        isTap ||= depth === 0;
        return;
      }
      case "version":
        isTap = true;
        return;
      case "bail":
        hadBail = true;
        flush();
        sink.note(`It bailed out${line.reason === "" ? "" : `: ${line.reason}`}.`);
        return;
      case "comment":
        if (line.text.startsWith("Subtest")) flush();
        open?.text.add(`${line.text}\n`);
        return;
      case "other":
    }
  };
  const diagnostic = (line: string): void => {
    if (open !== undefined && open.location === "" && line.startsWith("location:"))
      open.location = line.slice(0, LOCATION_MAX);
    else open?.text.add(`${line}\n`);
  };
  const lines = createTextLines((line) => {
    const indent = indentOf(line);
    const rest = indent === 0 ? line : line.slice(indent);
    if (yamlIndent !== undefined) {
      const isEnd = rest === "..." && indent <= yamlIndent;
      if (!isEnd && (indent >= yamlIndent || rest === "")) return diagnostic(rest);
      yamlIndent = undefined;
      flush();
      // A block that was never ended: what is here is TAP again.
      if (isEnd) return;
    }
    if (rest === "---" && indent > 0) {
      yamlIndent = indent;
      return;
    }
    if (indent % INDENT === 0 && indent / INDENT < DEPTH_MAX) told(readTapLine(rest), indent / INDENT);
  });
  return {
    push: (bytes) => lines.push(bytes),
    end() {
      lines.end();
      flush();
      closeBelow(0);
      const [top] = levels;
      if (top === undefined || (!isTap && !hadBail)) throw new ResultError("is no TAP", true);
      if (hadBail) return;
      if (top.plan === undefined && top.points > 0)
        sink.note("It has no plan, so nobody knows whether tests are missing.");
      checkPlan(top, "It", sink);
    },
  };
}

function newLevel(): Level {
  return { plan: undefined, points: 0, failed: 0, lastNumber: 0 };
}

function checkPlan({ plan, points }: Level, who: string, sink: ResultSink): void {
  if (plan !== undefined && plan !== points)
    sink.note(`${who} planned ${plan} ${plan === 1 ? "test" : "tests"}, and ${points} came.`);
}

function indentOf(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === 32) at += 1;
  return at;
}

/** What the diagnostics call the message, else their first words. */
function messageOf(trace: string): string {
  const said = /^(?:message|error|failureMessage):[ \t]*(.*)(?:\n(.*))?/mu.exec(trace);
  if (said === null) return firstWords(trace);
  const first = (said[1] ?? "").trim();
  const value = /^[|>][+-]?$/u.test(first) ? (said[2] ?? "").trim() : first;
  return value.replace(/^(["'])(.*)\1$/u, "$2");
}
