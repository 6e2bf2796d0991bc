/** Problem matchers: their configuration, checked, and how one goes through lines (actions/runner IssueMatcher.cs). */

export type Matcher = {
  readonly owner: string;
  readonly severity: string;
  readonly fromPath: string;
  readonly patterns: readonly Pattern[];
};

type Pattern = {
  readonly regexp: RegExp;
  readonly loop: boolean;
  readonly groups: Readonly<Partial<Record<Field, number>>>;
};

export type Field = (typeof FIELDS)[number];

export type Match = Readonly<Partial<Record<Field, string>>>;

/** Where a matcher stands: what its patterns but the last have found so far. */
export type Running = (Match | null)[];

const FIELDS = ["file", "line", "column", "severity", "code", "message", "fromPath"] as const;

/** Matchers in one file, and patterns in one matcher; real ones have a handful. */
const MATCHERS_MAX = 100;

/** Reads a matcher file's text. Throws an Error that says what is wrong. */
export function parseMatchers(text: string): Matcher[] {
  const file = JSON.parse(text.replace(/^\uFEFF/, "")) as unknown;
  const list = isMap(file) ? file["problemMatcher"] : undefined;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > MATCHERS_MAX)
    throw new Error(`"problemMatcher" is a list of at most ${MATCHERS_MAX}.`);
  const matchers = list.map(parseMatcher);
  const owners = new Set<string>();
  for (const { owner } of matchers) {
    if (owners.has(owner.toLowerCase())) throw new Error(`the owner '${owner}' is there twice.`);
    owners.add(owner.toLowerCase());
  }
  return matchers;
}

export function newRunning(matcher: Matcher): Running {
  return Array.from({ length: matcher.patterns.length - 1 }, () => null);
}

/** Tries one line; a match is complete when the last pattern fits. `running` is kept up to date. */
export function matchLine(matcher: Matcher, running: Running, line: string): Match | null {
  const { patterns } = matcher;
  for (let at = patterns.length - 1; at >= 0; at -= 1) {
    const before = at > 0 ? (running[at - 1] ?? null) : null;
    if (at > 0 && before === null) continue;
    const pattern = patterns[at] as Pattern;
    const isLast = at === patterns.length - 1;
    const found = pattern.regexp.exec(line);
    if (found !== null) {
      const match = merge(before, pattern, found);
      if (!isLast) {
        running[at] = match;
        continue;
      }
      running.fill(null);
      if (pattern.loop && at > 0) running[at - 1] = before;
      return withDefaults(match, matcher);
    }
    if (!isLast) running[at] = null;
    else if (at > 0) running[at - 1] = null;
  }
  return null;
}

function merge(before: Match | null, pattern: Pattern, found: RegExpExecArray): Match {
  const match: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const group = pattern.groups[field];
    const value = before?.[field] ?? (group === undefined ? undefined : (found[group] ?? ""));
    if (value !== undefined) match[field] = value;
  }
  return match;
}

function withDefaults(match: Match, matcher: Matcher): Match {
  return {
    ...match,
    ...((match.severity ?? "") === "" && matcher.severity !== "" ? { severity: matcher.severity } : {}),
    ...((match.fromPath ?? "") === "" && matcher.fromPath !== "" ? { fromPath: matcher.fromPath } : {}),
  };
}

function parseMatcher(value: unknown): Matcher {
  const map = isMap(value) ? value : {};
  const owner = textOf(map["owner"]);
  if (owner === "") throw new Error("a matcher needs an owner.");
  const severity = textOf(map["severity"]);
  if (!["", "error", "warning", "notice"].includes(severity.toLowerCase()))
    throw new Error(`'${owner}' has the severity '${severity}', which is none of error, warning, notice.`);
  const list = map["pattern"];
  if (!Array.isArray(list) || list.length === 0 || list.length > MATCHERS_MAX)
    throw new Error(`'${owner}' needs patterns, at most ${MATCHERS_MAX}.`);
  const set = new Set<Field>();
  const patterns = list.map((item, at) => parsePattern(owner, item, at === list.length - 1 && at > 0, set));
  if (!set.has("message")) throw new Error(`'${owner}' has no pattern that sets 'message'.`);
  return { owner, severity, fromPath: textOf(map["fromPath"]), patterns };
}

function parsePattern(owner: string, value: unknown, mayLoop: boolean, set: Set<Field>): Pattern {
  const map = isMap(value) ? value : {};
  const loop = map["loop"] === true;
  if (loop && !mayLoop) throw new Error(`'${owner}': only the last of several patterns may loop.`);
  if (loop && typeof map["message"] !== "number")
    throw new Error(`'${owner}': the pattern that loops has to set 'message'.`);
  const regexp = new RegExp(textOf(map["regexp"]));
  const count = new RegExp(`${regexp.source}|`).exec("")?.length ?? 1;
  const groups: Partial<Record<Field, number>> = {};
  for (const field of FIELDS) {
    const group = map[field];
    if (group === undefined || group === null) continue;
    if (set.has(field)) throw new Error(`'${owner}' sets '${field}' twice.`);
    if (typeof group !== "number" || !Number.isInteger(group) || group < 0 || group >= count)
      throw new Error(
        `'${owner}': '${field}' is ${JSON.stringify(group)}, but the expression has groups 0 to ${count - 1}.`,
      );
    set.add(field);
    groups[field] = group;
  }
  return { regexp, loop, groups };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
