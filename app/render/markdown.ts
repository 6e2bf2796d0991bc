import Handlebars from "handlebars";
import { cellCode, fence, inlineCode, shortLine } from "../clamp.ts";
import type { Keep } from "../clamp.ts";
import { AppError } from "../errors.ts";

/** Names, titles and sentences: what is longer is no longer one of these. */
const TEXT_BYTES = 1000;
const CODE_BYTES = 500;
/** A check's summary and a comment take 64 KiB in all. */
const FENCE_BYTES = 4096;
const WORD_JOINER = "\u2060";
/** Punctuation that Markdown, HTML or GitHub's own syntax could read within a line; no template puts a value at a line's begin. */
const ACTIVE = /[\\`*_[\]<>&|~$#]/gu;

type Options = { readonly hash: Readonly<Record<string, unknown>> };

/**
 * The only ways a value gets into Markdown; each names its context. All take hostile text. A missing value throws: a report with a
 * hole is worse than an error.
 */
export const MARKDOWN_HELPERS = {
  /** Plain words, in a paragraph, a list or a table's cell. */
  text: (value: unknown) => escapeText(shortLine(wanted(value), TEXT_BYTES)),
  /** Sentences of ours in which `code` may stand; what else they carry is plain words. */
  prose: (value: unknown) => prose(wanted(value)),
  /** Code on one line, outside tables. */
  code: (value: unknown) => inlineCode(wanted(value), CODE_BYTES),
  /** Code in a table's cell. */
  cell: (value: unknown) => cell(wanted(value)),
  /** A code block between blank lines. `bytes` and `keep` say what a long one loses. */
  fence: (value: unknown, options: Options) =>
    fence(wanted(value), Number(options.hash["bytes"] ?? FENCE_BYTES), keepOf(options.hash["keep"])),
  /** `[text](address)`; the address must be http(s). */
  link: (label: unknown, address: unknown) =>
    `[${escapeText(shortLine(wanted(label), CODE_BYTES))}](${httpUrl(wanted(address))})`,
  /** Like `link`, the label as code; for ids and hashes of ours, which hold nothing but letters and digits. */
  codeLink: (label: unknown, address: unknown) => `[${cell(wanted(label))}](${httpUrl(wanted(address))})`,
  /** Markdown that our own code made and escaped; it only can be no command, no marker and no mention. */
  own: (value: unknown) => defuse(wanted(value)),
} as const;

/** Registers the helpers, and stricter forms of `if` and `each`, which otherwise take a missing value as false. */
export function registerMarkdown(handlebars: typeof Handlebars): void {
  for (const [name, helper] of Object.entries(MARKDOWN_HELPERS)) handlebars.registerHelper(name, helper);
}

/** Words with nothing in them that Markdown or GitHub would act on: no markup, mention, reference or link of its own. */
export function escapeText(text: string): string {
  return text
    .replace(/@(?=\w)/gu, `@${WORD_JOINER}`)
    .replace(/(#|GH-)(?=\d)/gu, `$1${WORD_JOINER}`)
    .replace(/:\/\//gu, `:${WORD_JOINER}//`)
    .replace(/\bwww\./giu, (found) => `${found.slice(0, 3)}${WORD_JOINER}.`)
    .replace(ACTIVE, (sign) => (/[<>&|]/u.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`));
}

function prose(text: string): string {
  return shortLine(text, 4 * TEXT_BYTES)
    .split(/(`[^`]+`)/u)
    .map((part, at) => (at % 2 === 1 ? cell(part.slice(1, -1)) : escapeText(part)))
    .join("");
}

/** Backticks where they are safe in a table too, because raw Markdown is read as well; else character references. */
function cell(text: string): string {
  const shown = shortLine(text, CODE_BYTES);
  return shown !== "" && !/[`|\\]/u.test(shown) ? `\`${shown}\`` : cellCode(text, CODE_BYTES);
}

function defuse(markdown: string): string {
  return markdown
    .replace(/<!--/gu, "&lt;!--")
    .replace(/^(\s*)\/(?=crabbox)/gimu, "$1&#47;")
    .trim();
}

function httpUrl(address: string): string {
  const url = URL.parse(address);
  if (url === null || !["http:", "https:"].includes(url.protocol)) throw missing("a link is no http address");
  return url.href.replace(/[()<>|\\`*_[\]]/gu, (sign) =>
    sign === "_" || sign === "*" ? sign : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function keepOf(value: unknown): Keep {
  return value === "head" || value === "middle_cut" ? value : "tail";
}

function wanted(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw missing("a value is missing");
}

function missing(what: string): AppError {
  return new AppError(
    "internal",
    `A template could not be filled: ${what}.`,
    "This is a fault of the App; report it.",
  );
}
