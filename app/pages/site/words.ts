import { plainText } from "../../plain-text.ts";
import { formatDuration } from "../../duration.ts";
import type { PagerView, TextPart, TimeView } from "../../render/site-views.ts";

/** Answers and notes are a few sentences. */
const PARTS_MAX = 200;
const NOW_MS = 5_000;

/** A moment as people say it, with the exact one beside. */
export function timeView(at: number, now: number): TimeView {
  const iso = new Date(at).toISOString();
  if (Math.abs(now - at) < NOW_MS) return { iso, ago: "just now" };
  const span = formatDuration(Math.floor(Math.abs(now - at) / 1_000) * 1_000);
  return { iso, ago: at > now ? `in ${span}` : `${span} ago` };
}

/** Our own sentences in Markdown as plain words and `code`; other marks stay as they are, escaped like all text. */
export function textParts(markdown: string): readonly TextPart[] {
  return markdown
    .split(/`+([^`]+)`+/u)
    .slice(0, PARTS_MAX)
    .map((text, at) => ({ text: plainText(text), isCode: at % 2 === 1 }))
    .filter(({ text }) => text !== "");
}

/** Paths to the parts beside this one; `next` null when it is the last. */
export function pager(path: string, from: number, size: number, next: number | null): PagerView {
  const at = (start: number) => `${path}${path.includes("?") ? "&" : "?"}from=${start}`;
  const newer = from === 0 ? "" : from <= size ? path : at(from - size);
  return { newer, older: next === null ? "" : at(next) };
}
