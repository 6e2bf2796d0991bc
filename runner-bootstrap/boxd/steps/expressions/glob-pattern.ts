/** Patterns of `hashFiles` over absolute paths, as @actions/glob reads them (actions/toolkit internal-pattern.ts, internal-globber.ts). */

import { homedir } from "node:os";

import type { GlobSegment } from "./glob-segment.ts";
import { globSegment, literalSegment } from "./glob-segment.ts";

export type Patterns = {
  /** Directories where the search begins, in order; none lies below another. */
  readonly searchPaths: readonly string[];
  /** Whether a file with these names from the root on is chosen: a later pattern overrules an earlier one. */
  readonly chooses: (names: readonly string[]) => boolean;
  /** Whether something below this directory may be chosen. */
  readonly mayHold: (names: readonly string[]) => boolean;
};

type Pattern = {
  readonly negated: boolean;
  readonly segments: readonly (GlobSegment | typeof ANY_DEPTH)[];
  /** Written with a slash at its end: means directories, and what is in them. */
  readonly directoriesOnly: boolean;
};

/** `**`. */
const ANY_DEPTH = "**";

/** A pattern that cannot be used; the message is for people. */
export class PatternError extends Error {}

/**
 * Reads patterns, one a line or one an entry; empty ones and those that begin with `#` are passed over. Relative ones begin at
 * `root`, an absolute path. Throws PatternError on `.` and `..` within a pattern.
 */
export function readPatterns(lines: readonly string[], root: string): Patterns {
  const patterns = lines
    .flatMap((entry) => entry.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => readPattern(line, root));
  return {
    searchPaths: searchPathsOf(patterns),
    chooses: (names) =>
      patterns.reduce((chosen, pattern) => (isMatch(pattern, names) ? !pattern.negated : chosen), false),
    mayHold: (names) =>
      patterns.some((pattern) => !pattern.negated && statesAfter(belowToo(pattern), names).size > 0),
  };
}

/** The names of an absolute path from the root on. */
export function namesOfPath(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "");
}

function readPattern(line: string, root: string): Pattern {
  const [, marks = "", text = ""] = /^((?:!\s*)*)(.*)$/s.exec(line) ?? [];
  const negated = marks.replaceAll(/\s/g, "").length % 2 === 1;
  if (text === "") throw new PatternError("hashFiles: a pattern is only !");
  const parts = text.split("/").filter((part) => part !== "");
  const isAbsolute = text.startsWith("/");
  const [first] = parts;
  const base = isAbsolute ? "/" : first === "~" ? homedir() : root;
  const rest = !isAbsolute && (first === "." || first === "~") ? parts.slice(1) : parts;
  if (rest.some((part) => ["..", "."].includes(globSegment(part).literal ?? "")))
    throw new PatternError(`hashFiles: . and .. are not allowed in a pattern: ${text.slice(0, 100)}`);
  const segments = rest.map((part) => (part === ANY_DEPTH ? ANY_DEPTH : globSegment(part)));
  return {
    negated,
    directoriesOnly: text.endsWith("/") && rest.length > 0,
    segments: [...namesOfPath(base).map(literalSegment), ...segments],
  };
}

/** Pattern of a directory stands for all below it too. */
function belowToo({ segments }: Pattern): Pattern["segments"] {
  return segments.at(-1) === ANY_DEPTH ? segments : [...segments, ANY_DEPTH];
}

function isMatch(pattern: Pattern, names: readonly string[]): boolean {
  const { segments, directoriesOnly } = pattern;
  if (!directoriesOnly && statesAfter(segments, names).has(segments.length)) return true;
  if (!directoriesOnly && segments.at(-1) === ANY_DEPTH) return false;
  // Something of its own must stand below the directory: its parent has to match already.
  return statesAfter([...segments, ANY_DEPTH], names.slice(0, -1)).has(segments.length + 1);
}

/** Places in the pattern that are reached when all names are used up; its length is its end. Never backtracks. */
function statesAfter(segments: Pattern["segments"], names: readonly string[]): ReadonlySet<number> {
  let states = withSkips(segments, new Set([0]));
  for (const name of names) {
    const next = new Set<number>();
    for (const state of states) {
      const segment = segments[state];
      if (segment === undefined) continue;
      if (segment === ANY_DEPTH) next.add(state);
      else if (segment.matches(name)) next.add(state + 1);
    }
    if (next.size === 0) return next;
    states = withSkips(segments, next);
  }
  return states;
}

function withSkips(segments: Pattern["segments"], states: Set<number>): Set<number> {
  // Entries added while walking are walked too.
  for (const state of states) if (segments[state] === ANY_DEPTH) states.add(state + 1);
  return states;
}

function searchPathsOf(patterns: readonly Pattern[]): readonly string[] {
  const paths = patterns.filter(({ negated }) => !negated).map(searchPath);
  const isBelow = (path: string): boolean =>
    paths.some((other) => other !== path && path.startsWith(other === "/" ? other : `${other}/`));
  return [...new Set(paths)].filter((path) => !isBelow(path));
}

function searchPath({ segments }: Pattern): string {
  const names: string[] = [];
  for (const segment of segments) {
    if (segment === ANY_DEPTH || segment.literal === undefined) break;
    names.push(segment.literal);
  }
  return `/${names.join("/")}`;
}
