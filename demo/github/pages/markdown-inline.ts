import { escapeText } from "./markup.ts";

/** Emphasis within emphasis, links within it: nobody means more. */
const DEPTH_LIMIT = 6;
const ESCAPABLE = /[!-/:-@[-`{-~]/;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(amp|lt|gt|quot|nbsp));/y;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };
const ADDRESS = /https?:\/\/[^\s<>()[\]"'`*]+/y;
const CODE = /(`+)(?!`)/y;
const LINK = /\[((?:[^[\]\\]|\\.){1,2000})\]\(\s*([^\s()]{1,2000})\s*\)/y;
const TAG = /<(code|kbd|sub|sup|b|i|em|strong)>/y;
const EMPTY = /<br\s*\/?>|<!--[\s\S]*?-->/y;
const MARKS: readonly (readonly [sign: string, tag: string])[] = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
];

/** Markdown of one paragraph as markup. Text is escaped letter by letter; tags are only those that are written here. */
export function inlineMarkdown(text: string, depth = 0): string {
  let out = "";
  let at = 0;
  // What was looked for once in vain is not there further on either: keeps hostile text from costing its square.
  const missing = new Set<string>();
  const closing = (sign: string, from: number): number => {
    if (missing.has(sign)) return -1;
    const found = text.indexOf(sign, from);
    if (found === -1) missing.add(sign);
    return found;
  };
  const part = (from: number, to: number): string => inlineMarkdown(text.slice(from, to), depth + 1);
  while (at < text.length) {
    const found = depth < DEPTH_LIMIT ? special(text, at, closing, part) : null;
    if (found === null) {
      out += text[at] === "\n" ? "<br>" : escapeText(text[at] ?? "");
      at += 1;
    } else {
      out += found.html;
      at = found.end;
    }
  }
  return out;
}

type Found = { html: string; end: number } | null;
type Closing = (sign: string, from: number) => number;
type Part = (from: number, to: number) => string;

function special(text: string, at: number, closing: Closing, part: Part): Found {
  const char = text[at] ?? "";
  switch (char) {
    case "\\":
      return ESCAPABLE.test(text[at + 1] ?? "")
        ? { html: escapeText(text[at + 1] ?? ""), end: at + 2 }
        : null;
    case "&":
      return entity(text, at);
    case "`":
      return code(text, at, closing);
    case "[":
      return link(text, at, part);
    case "<":
      return tag(text, at, closing, part);
    case "h":
      return address(text, at);
    case "*":
    case "_":
    case "~":
      return emphasis(text, at, closing, part);
    default:
      return null;
  }
}

function entity(text: string, at: number): Found {
  const found = matchAt(ENTITY, text, at);
  if (found === null) return null;
  const [all, decimal, hex, name] = found;
  const code = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
  const char = name === undefined ? charOf(code) : (NAMED[name] ?? "");
  return { html: escapeText(char), end: at + all.length };
}

function charOf(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "\ufffd";
}

function code(text: string, at: number, closing: Closing): Found {
  const fence = matchAt(CODE, text, at)?.[1] ?? "`";
  const end = closing(fence, at + fence.length);
  if (end === -1) return { html: fence, end: at + fence.length };
  const inner = text.slice(at + fence.length, end).replaceAll("\n", " ");
  const shown = /^ .*\S.* $/.test(inner) ? inner.slice(1, -1) : inner;
  return { html: `<code>${escapeText(shown)}</code>`, end: end + fence.length };
}

function link(text: string, at: number, part: Part): Found {
  const found = matchAt(LINK, text, at);
  if (found === null) return null;
  const [all, label = "", href = ""] = found;
  if (!/^(?:https?:\/\/|mailto:|#|\/(?!\/))/i.test(href)) return null;
  // No link stands within a link: the inner one's label stays.
  const shown = part(at + 1, at + 1 + label.length).replaceAll(/<\/?a\b[^>]*>/g, "");
  return { html: anchor(href, shown), end: at + all.length };
}

function address(text: string, at: number): Found {
  if (at > 0 && /\w/.test(text[at - 1] ?? "")) return null;
  const href = matchAt(ADDRESS, text, at)?.[0].replace(/[.,;:!?]+$/, "");
  return href === undefined ? null : { html: anchor(href, escapeText(href)), end: at + href.length };
}

function anchor(href: string, label: string): string {
  return `<a href="${escapeText(href)}" rel="nofollow noopener">${label}</a>`;
}

function tag(text: string, at: number, closing: Closing, part: Part): Found {
  const empty = matchAt(EMPTY, text, at)?.[0];
  if (empty !== undefined) return { html: empty.startsWith("<!") ? "" : "<br>", end: at + empty.length };
  const found = matchAt(TAG, text, at);
  if (found === null) return null;
  const [open, name = ""] = found;
  const close = `</${name}>`;
  const end = closing(close, at + open.length);
  if (end === -1) return null;
  return { html: `<${name}>${part(at + open.length, end)}${close}`, end: end + close.length };
}

function emphasis(text: string, at: number, closing: Closing, part: Part): Found {
  const pair = MARKS.find(([sign]) => text.startsWith(sign, at));
  if (pair === undefined) return null;
  const [sign, name] = pair;
  const from = at + sign.length;
  // A word_with_underscores is one word; a sign before a space begins nothing.
  if (/\s/.test(text[from] ?? " ") || (sign[0] === "_" && /\w/.test(text[at - 1] ?? " "))) return null;
  const end = closing(sign, from);
  if (end <= from || /\s/.test(text[end - 1] ?? " ")) return null;
  if (sign[0] === "_" && /\w/.test(text[end + sign.length] ?? " ")) return null;
  return { html: `<${name}>${part(from, end)}</${name}>`, end: end + sign.length };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
