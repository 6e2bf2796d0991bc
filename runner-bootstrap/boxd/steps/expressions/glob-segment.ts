/** One part of a glob between two slashes: `*`, `?`, `[a-z]`, `[!a]`, `[[:alpha:]]` and `\` before a letter that stands for itself. */

/** What one letter of a name may be; `star` is any number of letters. */
type Part =
  | "star"
  | "any"
  | { readonly letter: string }
  | { readonly not: boolean; readonly has: (letter: string) => boolean };

export type GlobSegment = {
  /** The only name that matches, when there is no wildcard in it. */
  readonly literal?: string;
  /** Takes time in proportion to pattern times name, whatever they are. */
  readonly matches: (name: string) => boolean;
};

/** The named classes of minimatch; letters and digits are Unicode's. */
const CLASSES: Readonly<Record<string, RegExp>> = {
  "[:alnum:]": /^[\p{L}\p{Nl}\p{Nd}]$/u,
  "[:alpha:]": /^[\p{L}\p{Nl}]$/u,
  "[:ascii:]": /^\p{ASCII}$/u,
  "[:blank:]": /^[\p{Zs}\t]$/u,
  "[:cntrl:]": /^\p{Cc}$/u,
  "[:digit:]": /^\p{Nd}$/u,
  "[:lower:]": /^\p{Ll}$/u,
  "[:print:]": /^\P{C}$/u,
  "[:punct:]": /^\p{P}$/u,
  "[:space:]": /^[\p{Z}\t\r\n\v\f]$/u,
  "[:upper:]": /^\p{Lu}$/u,
  "[:word:]": /^[\p{L}\p{Nl}\p{Nd}\p{Pc}]$/u,
  "[:xdigit:]": /^[A-Fa-f0-9]$/u,
};

/** A segment that matches this name and no other. */
export function literalSegment(name: string): GlobSegment {
  return { literal: name, matches: (other) => other === name };
}

/** Reads a segment; what is no wildcard, like a `[` that is not closed, stands for itself. Never throws. */
export function globSegment(text: string): GlobSegment {
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    const set = letter === "[" ? readSet(text, at) : undefined;
    if (set !== undefined) {
      parts.push(set.part);
      at = set.end;
    } else if (letter === "*") {
      if (parts.at(-1) !== "star") parts.push("star");
    } else if (letter === "?") parts.push("any");
    else if (letter === "\\" && at + 1 < text.length) parts.push({ letter: text.charAt((at += 1)) });
    else parts.push({ letter });
  }
  const letters = parts.map((part) => (typeof part === "object" && "letter" in part ? part.letter : null));
  if (letters.every((letter) => letter !== null)) return literalSegment(letters.join(""));
  return { matches: (name) => matchParts(parts, name) };
}

function readSet(text: string, open: number): { readonly part: Part; readonly end: number } | undefined {
  let at = open + 1;
  const not = text.charAt(at) === "!" || text.charAt(at) === "^";
  if (not) at += 1;
  const first = at;
  const members: ((letter: string) => boolean)[] = [];
  const single: string[] = [];
  for (; at < text.length; at += 1) {
    if (text.charAt(at) === "]" && at > first) {
      const [only] = single;
      if (!not && members.length === 1 && only !== undefined) return { part: { letter: only }, end: at };
      return { part: { not, has: (letter) => members.some((has) => has(letter)) }, end: at };
    }
    const named = Object.keys(CLASSES).find((name) => text.startsWith(name, at));
    if (named !== undefined) {
      members.push((letter) => CLASSES[named]?.test(letter) ?? false);
      at += named.length - 1;
      continue;
    }
    const from = letterAt(text, at);
    const to = text.charAt(from.end + 1) === "-" ? letterAt(text, from.end + 2) : undefined;
    if (to !== undefined && to.letter !== "" && to.letter !== "]") {
      members.push((letter) => letter >= from.letter && letter <= to.letter);
      at = to.end;
    } else {
      members.push((letter) => letter === from.letter);
      single.push(from.letter);
      at = from.end;
    }
  }
  return undefined;
}

function letterAt(text: string, at: number): { readonly letter: string; readonly end: number } {
  const isEscape = text.charAt(at) === "\\" && at + 1 < text.length;
  return isEscape ? { letter: text.charAt(at + 1), end: at + 1 } : { letter: text.charAt(at), end: at };
}

function matchParts(parts: readonly Part[], name: string): boolean {
  let part = 0;
  let at = 0;
  // After a dead end the last star takes one letter more; earlier stars never need to be tried again.
  let retry: { readonly part: number; at: number } | undefined;
  while (at < name.length) {
    const current = parts[part];
    if (current === "star") {
      retry = { part: (part += 1), at };
    } else if (current !== undefined && takes(current, name.charAt(at))) {
      part += 1;
      at += 1;
    } else if (retry !== undefined) {
      part = retry.part;
      at = retry.at += 1;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === "star");
}

function takes(part: Exclude<Part, "star">, letter: string): boolean {
  if (part === "any") return true;
  return "letter" in part ? part.letter === letter : part.has(letter) !== part.not;
}
