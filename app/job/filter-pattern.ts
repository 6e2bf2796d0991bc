/** GitHub's patterns for branches, tags and paths ("Workflow syntax", filter pattern cheat sheet). */

/** A pattern longer than this matches nothing: the expression made of it would cost too much. */
const PATTERN_MAX_LENGTH = 1_000;

/** True when `name` is matched by the last pattern that says anything about it; one with `!` in front takes it out again. */
export function matchesFilter(patterns: readonly string[], name: string): boolean {
  let isIn = false;
  for (const pattern of patterns) {
    const isNot = pattern.startsWith("!");
    if (expressionOf(isNot ? pattern.slice(1) : pattern)?.test(name) === true) isIn = !isNot;
  }
  return isIn;
}

/** `*` stops at a slash, `**` does not; `?` and `+` repeat what stands before them, as in regular expressions. */
function expressionOf(pattern: string): RegExp | null {
  if (pattern.length > PATTERN_MAX_LENGTH) return null;
  const source = pattern.replaceAll(/\*{2,}\/?|\*|\[[^\]]*\]|\\.|[?+]|[\s\S]/gu, (part) => {
    if (part.startsWith("**")) return part.endsWith("/") ? "(?:.*/)?" : ".*";
    if (part === "*") return "[^/]*";
    if (part === "?" || part === "+" || part.startsWith("[")) return part;
    if (part.startsWith("\\") && part.length > 1) return part;
    return part.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`);
  });
  try {
    return new RegExp(`^(?:${source})$`, "u");
  } catch {
    // Not a pattern, such as one that begins with `+`.
    return null;
  }
}
