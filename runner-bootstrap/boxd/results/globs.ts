/** Patterns of result files, walked along with the folders: what cannot match any more is not entered. */

/** A pattern by its parts, and how far it got: once for each way, so that it never grows beyond its length. */
type Steps = { readonly parts: readonly string[]; readonly reached: ReadonlySet<number> };

export type GlobState = readonly Steps[];

/** Patterns as crabbox.yml writes them: `*` and `?` within a name, `**` for any folders, none included. */
export function startGlobs(patterns: readonly string[]): GlobState {
  return patterns.map((pattern) => {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
    return { parts, reached: closed(parts, [0]) };
  });
}

/** Behind a folder of this name; empty when nothing in it can match. `anywhere`: only a `**` leads there. */
export function enterFolder(
  state: GlobState,
  name: string,
): { readonly state: GlobState; readonly anywhere: boolean } {
  let anywhere = true;
  const next = state.map(({ parts, reached }) => {
    const named = [...reached].filter((at) => {
      const part = parts[at];
      return part !== undefined && part !== "**" && at < parts.length - 1 && isNameMatch(part, name);
    });
    anywhere &&= named.length === 0;
    const wild = [...reached].filter((at) => parts[at] === "**");
    return { parts, reached: closed(parts, [...named.map((at) => at + 1), ...wild]) };
  });
  return { state: next.filter(({ reached }) => reached.size > 0), anywhere };
}

/** Whether a file of this name is meant, in the folder that led to `state`. */
export function isMeantFile(state: GlobState, name: string): boolean {
  return state.some(({ parts, reached }) => {
    const last = parts.at(-1);
    return last !== undefined && reached.has(parts.length - 1) && (last === "**" || isNameMatch(last, name));
  });
}

/** `**` may be no folder at all. */
function closed(parts: readonly string[], steps: readonly number[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (const step of steps) {
    for (let at = step; !all.has(at); at++) {
      all.add(at);
      if (parts[at] !== "**" || at === parts.length - 1) break;
    }
  }
  return all;
}

/** `*` and `?`; takes time of pattern times name at most. */
function isNameMatch(pattern: string, name: string): boolean {
  let at = 0;
  let read = 0;
  let star = -1;
  let starRead = 0;
  while (read < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      starRead = read;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[read])) {
      at += 1;
      read += 1;
    } else if (star !== -1) {
      at = star + 1;
      read = ++starRead;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
