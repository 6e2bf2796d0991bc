import { inlineMarkdown } from "./markdown-inline.ts";
import { escapeText, raw } from "./markup.ts";
import type { Html } from "./markup.ts";

/** Quotes and lists within each other; deeper ones stay text. */
const DEPTH_LIMIT = 5;
/** How far the end of a folded part is looked for: bounds the work on thousands that never end. */
const DETAILS_LINES_LIMIT = 1_000;
/** Headings of a text begin below those of the page. */
const FIRST_HEADING = 3;

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])\s+/;
const DIVIDER = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const COMMENT_LINE = /^\s*<!--.*-->\s*$/;
const DETAILS = /^\s*<details( open)?>\s*$/;
const SUMMARY = /^\s*<summary>(.*)<\/summary>\s*$/;

/** Hostile Markdown as markup, the part of GitHub's that people and Apps use: what is not known stays visible text. */
export function markdown(text: string): Html {
  return raw(blocks(text.replaceAll("\r\n", "\n").split("\n"), 0));
}

type Taken = { html: string; next: number };
type Reader = (lines: readonly string[], at: number, depth: number) => Taken | null;

const READERS: readonly Reader[] = [fence, blank, comment, heading, rule, details, quote, list, table];

function blocks(lines: readonly string[], depth: number): string {
  let out = "";
  let at = 0;
  while (at < lines.length) {
    const taken = read(lines, at, depth) ?? paragraph(lines, at, depth);
    out += taken.html;
    at = taken.next;
  }
  return out;
}

function read(lines: readonly string[], at: number, depth: number): Taken | null {
  for (const reader of READERS) {
    const taken = reader(lines, at, depth);
    if (taken !== null) return taken;
  }
  return null;
}

function fence(lines: readonly string[], at: number): Taken | null {
  const open = FENCE.exec(lines[at] ?? "")?.[1];
  if (open === undefined) return null;
  const isEnd = (line: string): boolean => {
    const sign = line.trim();
    return sign.length >= open.length && sign === (open[0] ?? "").repeat(sign.length);
  };
  const end = lines.findIndex((line, index) => index > at && isEnd(line));
  const to = end === -1 ? lines.length : end;
  const text = escapeText(lines.slice(at + 1, to).join("\n"));
  return { html: `<pre tabindex="0"><code>${text}</code></pre>`, next: to + 1 };
}

function blank(lines: readonly string[], at: number): Taken | null {
  return (lines[at] ?? "").trim() === "" ? { html: "", next: at + 1 } : null;
}

function comment(lines: readonly string[], at: number): Taken | null {
  return COMMENT_LINE.test(lines[at] ?? "") ? { html: "", next: at + 1 } : null;
}

function heading(lines: readonly string[], at: number): Taken | null {
  const found = HEADING.exec(lines[at] ?? "");
  if (found === null) return null;
  const level = Math.max(FIRST_HEADING, found[1]?.length ?? 0);
  return { html: `<h${level}>${inlineMarkdown(found[2] ?? "")}</h${level}>`, next: at + 1 };
}

function rule(lines: readonly string[], at: number): Taken | null {
  return RULE.test(lines[at] ?? "") ? { html: "<hr>", next: at + 1 } : null;
}

function details(lines: readonly string[], at: number, depth: number): Taken | null {
  const found = DETAILS.exec(lines[at] ?? "");
  if (found === null || depth >= DEPTH_LIMIT) return null;
  const ahead = lines.slice(at, at + DETAILS_LINES_LIMIT);
  const end = at + ahead.findIndex((line) => line.trim() === "</details>");
  if (end < at) return null;
  const summary = SUMMARY.exec(lines[at + 1] ?? "");
  const label = `<summary>${inlineMarkdown(summary?.[1] ?? "Details")}</summary>`;
  const inner = blocks(lines.slice(summary === null ? at + 1 : at + 2, end), depth + 1);
  return { html: `<details${found[1] ?? ""}>${label}${inner}</details>`, next: end + 1 };
}

function quote(lines: readonly string[], at: number, depth: number): Taken | null {
  if (depth >= DEPTH_LIMIT || !QUOTE.test(lines[at] ?? "")) return null;
  const next = endOf(lines, at, (line) => QUOTE.test(line));
  const inner = lines.slice(at, next).map((line) => line.replace(QUOTE, ""));
  return { html: `<blockquote>${blocks(inner, depth + 1)}</blockquote>`, next };
}

function list(lines: readonly string[], at: number, depth: number): Taken | null {
  const first = ITEM.exec(lines[at] ?? "");
  if (first === null || depth >= DEPTH_LIMIT) return null;
  const isOrdered = /\d/.test(first[2] ?? "");
  const items: string[][] = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? "";
    const found = ITEM.exec(line);
    if (found !== null && /\d/.test(found[2] ?? "") === isOrdered) items.push([line.slice(found[0].length)]);
    else if (/^(?: {2,}|\t)/.test(line)) items.at(-1)?.push(line.replace(/^(?: {2,4}|\t)/, ""));
    else break;
  }
  const name = isOrdered ? "ol" : "ul";
  return {
    html: `<${name}>${items.map((item) => `<li>${itemHtml(item, depth)}</li>`).join("")}</${name}>`,
    next,
  };
}

/** An item of one line is a line, not a paragraph. */
function itemHtml(item: readonly string[], depth: number): string {
  const [line = "", ...rest] = item;
  return inlineMarkdown(line) + (rest.length === 0 ? "" : blocks(rest, depth + 1));
}

function table(lines: readonly string[], at: number): Taken | null {
  const head = lines[at] ?? "";
  if (!head.includes("|") || !DIVIDER.test(lines[at + 1] ?? "")) return null;
  const next = endOf(lines, at + 2, (line) => line.includes("|"));
  const right = cells(lines[at + 1] ?? "").map(
    (cell) => cell.trim().endsWith(":") && !cell.trim().startsWith(":"),
  );
  const row = (line: string, name: "td" | "th"): string => {
    const shown = cells(line).map((cell, column) => {
      const attributes = right[column] === true ? ' class="number"' : "";
      return `<${name}${attributes}>${inlineMarkdown(cell.trim())}</${name}>`;
    });
    return `<tr>${shown.join("")}</tr>`;
  };
  const titled = cells(head).some((cell) => cell.trim() !== "");
  const top = titled ? `<thead>${row(head, "th")}</thead>` : "";
  const body = lines.slice(at + 2, next).map((line) => row(line, "td"));
  const scroll = '<div class="scroll" tabindex="0" role="region" aria-label="Table">';
  return { html: `${scroll}<table>${top}<tbody>${body.join("")}</tbody></table></div>`, next };
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/);
}

function paragraph(lines: readonly string[], at: number, depth: number): Taken {
  let next = at + 1;
  while (next < lines.length && read(lines, next, depth) === null) next += 1;
  return { html: `<p>${inlineMarkdown(lines.slice(at, next).join("\n"))}</p>`, next };
}

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index >= from && !goesOn(line));
  return end === -1 ? lines.length : end;
}
