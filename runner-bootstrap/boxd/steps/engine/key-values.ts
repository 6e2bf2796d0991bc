/** The format of GITHUB_ENV, GITHUB_OUTPUT and GITHUB_STATE: `NAME=value`, and `NAME<<DELIMITER` for values of several lines. */

export type KeyValues = {
  /** Everything before the fault counts, as with GitHub. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly fault?: string;
};

/** Settings in one file; each costs more than its text. */
const PAIRS_MAX = 100_000;

/**
 * Reads the whole file by the rules of actions/runner FileCommandManager.cs (EnvFileKeyValuePairs). A fault quotes the beginning of a
 * line, `masked` before it is cut: half a secret would not be found any more.
 */
export function parseKeyValues(text: string, masked: (line: string) => string): KeyValues {
  const pairs: [string, string][] = [];
  let at = 0;
  let number = 0;
  while (at < text.length) {
    number += 1;
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    at = end + 1;
    if (line === "") continue;
    if (pairs.length === PAIRS_MAX)
      return { pairs, fault: `line ${number}: more than ${PAIRS_MAX} settings` };
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (equals !== -1 && (heredoc === -1 || equals < heredoc)) {
      if (equals === 0) return { pairs, fault: `line ${number}: there is no name before the "="` };
      pairs.push([line.slice(0, equals), line.slice(equals + 1)]);
      continue;
    }
    if (heredoc === -1)
      return {
        pairs,
        fault: `line ${number}: expected NAME=value or NAME<<DELIMITER, found ${excerpt(masked(line))}`,
      };
    const name = line.slice(0, heredoc);
    const delimiter = line.slice(heredoc + 2);
    if (name === "" || delimiter === "")
      return { pairs, fault: `line ${number}: "<<" needs a name before it and a delimiter behind it` };
    const close = findLine(text, at, delimiter);
    if (close === -1)
      return {
        pairs,
        fault: `line ${number}: the closing delimiter ${excerpt(masked(delimiter))} does not come on a line of its own`,
      };
    const value = text.slice(at, Math.max(at, close - 1));
    pairs.push([name, value]);
    number += countLines(text, at, close) + 1;
    at = close + delimiter.length + 1;
  }
  return { pairs };
}

/** Where a line that is exactly `line` begins, at `from` or after it; -1 if nowhere. */
function findLine(text: string, from: number, line: string): number {
  if (text.startsWith(line, from) && isEnd(text, from + line.length)) return from;
  let at = text.indexOf(`\n${line}`, Math.max(0, from - 1));
  while (at !== -1) {
    if (at + 1 >= from && isEnd(text, at + 1 + line.length)) return at + 1;
    at = text.indexOf(`\n${line}`, at + 1);
  }
  return -1;
}

function isEnd(text: string, at: number): boolean {
  return at >= text.length || text[at] === "\n";
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Enough of a line to find it by. */
function excerpt(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
