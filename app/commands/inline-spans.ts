/**
 * Which lines of one paragraph begin inside a code span or an HTML comment that began on an earlier line, by index. A command
 * line outside of them opens nothing: what stands in it belongs to the shell. Linear in the paragraph's length.
 */
export function coveredLines(
  lines: readonly string[],
  isCommand: (line: string) => boolean,
): ReadonlySet<number> {
  const covered = new Set<number>();
  if (lines.length < 2) return covered;
  const text = lines.join("\n");
  const starts = lineStarts(lines);
  const runs = indexRuns(text);
  let commentEnd = text.indexOf("-->");
  let line = 0;
  let at = 0;

  /** Moves on to `to`, noting the lines whose begin was passed over. */
  const jump = (to: number) => {
    at = to;
    for (let next = starts[line + 1]; next !== undefined && next < to; next = starts[line + 1]) {
      line++;
      covered.add(line);
    }
  };

  while (at < text.length) {
    if (at === starts[line] && isCommand(lines[line] ?? "")) {
      if (starts[line + 1] === undefined) break;
      line++;
      at = starts[line] ?? text.length;
      continue;
    }
    const sign = text[at];
    if (sign === "\n") {
      line++;
      at++;
    } else if (sign === "\\") {
      // An escaped line end is still a line end.
      at += text[at + 1] === "\n" ? 1 : 2;
    } else if (sign === "`") {
      const length = runLength(text, at);
      const close = runs(length, at + length);
      jump(close === -1 ? at + length : close + length);
    } else if (sign === "<" && text.startsWith("<!--", at)) {
      if (commentEnd !== -1 && commentEnd < at + 2) commentEnd = text.indexOf("-->", at + 2);
      jump(commentEnd === -1 ? at + 4 : commentEnd + 3);
    } else {
      at++;
    }
  }
  return covered;
}

function lineStarts(lines: readonly string[]): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  return starts;
}

/**
 * Answers the next whole run of exactly `length` backticks at or behind `from`, -1 when there is none. Asked with a growing
 * `from`, all questions together cost one walk over the runs.
 */
function indexRuns(text: string): (length: number, from: number) => number {
  const places = new Map<number, number[]>();
  for (const run of text.matchAll(/`+/gu)) {
    const known = places.get(run[0].length);
    if (known === undefined) places.set(run[0].length, [run.index]);
    else known.push(run.index);
  }
  const seen = new Map<number, number>();
  return (length, from) => {
    const known = places.get(length) ?? [];
    let index = seen.get(length) ?? 0;
    while ((known[index] ?? Number.POSITIVE_INFINITY) < from) index++;
    seen.set(length, index);
    return known[index] ?? -1;
  };
}

function runLength(text: string, at: number): number {
  let length = 0;
  while (text[at + length] === "`") length++;
  return length;
}
