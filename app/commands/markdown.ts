import { coveredLines } from "./inline-spans.ts";
import { closesFence, htmlBlockEnd, isBlank, lineStart, openFence, type Fence } from "./markdown-lines.ts";

/** What a comment says outside of code, quotes and HTML, in order. Blank lines are left out. */
export type Block =
  | { readonly kind: "line"; readonly text: string; readonly line: number }
  | { readonly kind: "fence"; readonly text: string; readonly closed: boolean; readonly line: number }
  /** Something that is never a command: a quote, indented code, an HTML block, text inside a code span. */
  | { readonly kind: "other"; readonly line: number };

type State = {
  readonly blocks: Block[];
  /** Lines of the open paragraph, by their number; spans of code reach over lines but never over its end. */
  paragraph: { readonly text: string; readonly line: number }[];
};

/**
 * Reads a comment as GitHub shows it, as far as commands need it: text lines (at most 3 spaces before them), fenced blocks, and
 * what is neither. Whatever is doubtful counts as quoted. Linear in the comment's length.
 *
 * `isCommand` says which text lines end a paragraph, so that a backtick in one command cannot swallow the next.
 */
export function scanMarkdown(body: string, isCommand: (line: string) => boolean): readonly Block[] {
  const lines = body.split(/\r\n|\n|\r/u);
  const state: State = { blocks: [], paragraph: [] };
  const endParagraph = () => {
    const covered = coveredLines(
      state.paragraph.map(({ text }) => text),
      isCommand,
    );
    for (const [index, { text, line }] of state.paragraph.entries()) {
      state.blocks.push(covered.has(index) ? { kind: "other", line } : { kind: "line", text, line });
    }
    state.paragraph = [];
  };

  let at = 0;
  while (at < lines.length) {
    const text = lines[at] ?? "";
    const line = at + 1;
    const start = lineStart(text);
    if (isBlank(text)) {
      endParagraph();
      at++;
      continue;
    }
    const fence = openFence(text, start);
    const html = fence === null && start.columns <= 3 ? htmlBlockEnd(start.rest) : null;
    if (start.quote) {
      endParagraph();
      at = afterQuote(lines, at);
      state.blocks.push({ kind: "other", line });
    } else if (fence !== null) {
      endParagraph();
      const end = afterFence(lines, at + 1, fence);
      state.blocks.push({ kind: "fence", text: end.text, closed: end.closed, line });
      at = end.next;
    } else if (html !== null) {
      endParagraph();
      at = afterHtml(lines, at, html);
      state.blocks.push({ kind: "other", line });
    } else if (start.columns > 3 && !start.item) {
      // Behind a paragraph this would be a part of it, but it cannot begin a command either way.
      if (state.paragraph.length === 0) state.blocks.push({ kind: "other", line });
      else state.paragraph.push({ text, line });
      at++;
    } else {
      if (start.item || isHeading(text)) endParagraph();
      state.paragraph.push({ text, line });
      if (isHeading(text)) endParagraph();
      at++;
    }
  }
  endParagraph();
  return state.blocks;
}

/** Index of the first line behind the quote that begins at `from`, with the lines that lazily belong to its last paragraph. */
function afterQuote(lines: readonly string[], from: number): number {
  let inner: Fence | null = null;
  let lazy = false;
  let at = from;
  for (; at < lines.length; at++) {
    const text = lines[at] ?? "";
    const start = lineStart(text);
    if (start.quote) {
      if (inner !== null && closesFence(start.rest, inner)) {
        inner = null;
        lazy = false;
        continue;
      }
      inner ??= openFence(start.rest, lineStart(start.rest));
      lazy = inner === null && !isBlank(start.rest) && !isHeading(start.rest);
      continue;
    }
    // Mail programs wrap quoted lines without repeating the mark: what follows a quoted text line is quoted until a new block.
    if (!lazy || isBlank(text) || openFence(text, start) !== null || start.item) break;
    if (htmlBlockEnd(start.rest) !== null) break;
  }
  return at;
}

function afterFence(
  lines: readonly string[],
  from: number,
  fence: Fence,
): { readonly text: string; readonly closed: boolean; readonly next: number } {
  const content: string[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const text = lines[at] ?? "";
    if (closesFence(text, fence)) return { text: content.join("\n"), closed: true, next: at + 1 };
    // A list item ends where a line stands further left, and the fence within it.
    if (fence.itemColumns > 0 && !isBlank(text) && lineStart(text).columns < fence.itemColumns) break;
    content.push(withoutIndent(text, fence.indentColumns));
  }
  return { text: content.join("\n"), closed: false, next: at };
}

function afterHtml(
  lines: readonly string[],
  from: number,
  ends: (line: string, first: boolean) => boolean,
): number {
  for (let at = from; at < lines.length; at++) {
    if (ends(lines[at] ?? "", at === from)) return at + 1;
  }
  return lines.length;
}

function isHeading(text: string): boolean {
  return /^ {0,3}#{1,6}(?:[ \t]|$)/u.test(text);
}

function withoutIndent(text: string, columns: number): string {
  let at = 0;
  while (at < columns && text[at] === " ") at++;
  return text.slice(at);
}
