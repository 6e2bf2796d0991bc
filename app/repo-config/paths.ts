/** Longer paths are nobody's; they count as meant, because a run too many is better than one too few. */
const MAX_PATH_UNITS = 1_000;

/**
 * Whether one changed path is meant: patterns in order, the last that matches counts, `!` before one leaves out. `*` and `?` stay within
 * a folder, `**` does not, `**` + `/` may be no folder at all. Takes time of pattern times path at most: both may be hostile.
 */
export function isMeant(path: string, patterns: readonly string[]): boolean {
  if (path.length > MAX_PATH_UNITS) return true;
  let meant = false;
  for (const pattern of patterns) {
    const isLeftOut = pattern.startsWith("!");
    if (meant === isLeftOut && matches(isLeftOut ? pattern.slice(1) : pattern, path)) meant = !isLeftOut;
  }
  return meant;
}

type Sign = "any" | "folders" | "inside" | "one" | { readonly literal: string };

function matches(pattern: string, path: string): boolean {
  const signs = signsOf(pattern);
  // reach[i]: the signs read so far can match the first i units of the path.
  let reach = Array.from({ length: path.length + 1 }, (_, index) => index === 0);
  for (const sign of signs) reach = step(sign, reach, path);
  return reach[path.length] === true;
}

function step(sign: Sign, before: readonly boolean[], path: string): boolean[] {
  const after = Array.from({ length: before.length }, () => false);
  let begun = false;
  for (let at = 0; at < before.length; at++) {
    const unit = path[at - 1];
    const last = after[at - 1] === true;
    if (sign === "any") after[at] = before[at] === true || last;
    else if (sign === "inside") after[at] = before[at] === true || (last && unit !== "/");
    else if (sign === "folders") after[at] = before[at] === true || (begun && unit === "/");
    else if (sign === "one") after[at] = before[at - 1] === true && unit !== "/";
    else after[at] = before[at - 1] === true && unit === sign.literal;
    begun ||= before[at] === true;
  }
  return after;
}

function signsOf(pattern: string): readonly Sign[] {
  const parts = pattern.match(/\*\*\/|\*\*+|\*|\?|[\s\S]/gu) ?? [];
  return parts.flatMap((part): Sign[] => {
    if (part === "**/") return ["folders"];
    if (part.startsWith("**")) return ["any"];
    if (part === "*") return ["inside"];
    if (part === "?") return ["one"];
    return [...Array(part.length).keys()].map((index) => ({ literal: part[index] ?? "" }));
  });
}
