/** The options of a command line, split into words, and what follows ` -- ` untouched. */
export type Words =
  | { readonly ok: true; readonly words: readonly string[]; readonly rest: string | null }
  | { readonly ok: false; readonly message: string };

/** Most words before ` -- `: every flag of every command twice over. */
const MAX_WORDS = 64;

const DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212";
const DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb";
const SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032";
const ONLY_DASHES = new RegExp(`^[-${DASHES}]*[${DASHES}][-${DASHES}]*$`, "u");
const DASHES_BEFORE_NAME = new RegExp(
  `^(?:[${DASHES}][-${DASHES}]*|-[${DASHES}][-${DASHES}]*)(?=[A-Za-z])`,
  "u",
);

/**
 * Splits at white space; `"…"` and `'…'` keep it, without escapes. Dashes and quotes that a phone or an editor made pretty are
 * mended, but only here: behind the word `--` nothing is read or changed, but for the one space that follows it.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at])) at++;
    if (at >= text.length) return { ok: true, words, rest: null };
    const word = readWord(text, at);
    if (!word.ok) return word;
    at = word.end;
    if (word.bare && isEndOfOptions(word.value)) {
      return { ok: true, words, rest: text.slice(isSpace(text[at]) ? at + 1 : at) };
    }
    if (words.length === MAX_WORDS)
      return { ok: false, message: `More than ${MAX_WORDS} words before \`--\`.` };
    words.push(word.bare ? mendDashes(word.value) : word.value);
  }
}

type Word =
  | { readonly ok: true; readonly value: string; readonly end: number; readonly bare: boolean }
  | { readonly ok: false; readonly message: string };

/** `bare`: does not begin with a quote, so it may be a flag. */
function readWord(text: string, from: number): Word {
  const parts: string[] = [];
  let at = from;
  let start = from;
  while (at < text.length && !isSpace(text[at])) {
    const quote = quoteKind(text[at]);
    if (quote === null) {
      at++;
      continue;
    }
    parts.push(text.slice(start, at));
    let end = at + 1;
    while (end < text.length && quoteKind(text[end]) !== quote) end++;
    if (end >= text.length) {
      return {
        ok: false,
        message: `The quote ${quote === "double" ? '`"`' : "`'`"} that opens at character ${at + 1} of the options is never closed.`,
      };
    }
    parts.push(text.slice(at + 1, end));
    at = end + 1;
    start = at;
  }
  parts.push(text.slice(start, at));
  return { ok: true, value: parts.join(""), end: at, bare: quoteKind(text[from]) === null };
}

function isEndOfOptions(word: string): boolean {
  return word === "--" || ONLY_DASHES.test(word);
}

/** A pretty dash before a name stands for the two hyphens that were typed. */
function mendDashes(word: string): string {
  return word.replace(DASHES_BEFORE_NAME, "--");
}

function quoteKind(sign: string | undefined): "double" | "single" | null {
  if (sign === undefined) return null;
  if (sign === '"' || DOUBLE_QUOTES.includes(sign)) return "double";
  return sign === "'" || SINGLE_QUOTES.includes(sign) ? "single" : null;
}

function isSpace(sign: string | undefined): boolean {
  return sign === " " || sign === "\t" || sign === "\u00a0";
}
