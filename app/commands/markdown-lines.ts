/** How a line begins. */
export type LineStart = {
  /** Columns of white space before the first mark; a tab counts to the next multiple of 4. */
  readonly columns: number;
  /** Begins a list item (`- `, `1. `). */
  readonly item: boolean;
  /** Columns to the item's content; 0 outside of one. */
  readonly itemColumns: number;
  /** Begins with `>`, perhaps within a list item. */
  readonly quote: boolean;
  /** What follows the marks of lists and quotes. */
  readonly rest: string;
};

export type Fence = {
  readonly mark: "`" | "~";
  readonly length: number;
  /** Columns removed from each line of the content. */
  readonly indentColumns: number;
  /** Columns to the content of the list item it stands in; 0 outside of one. */
  readonly itemColumns: number;
};

/** Most marks of lists and quotes read before a line's text; deeper nesting is nobody's command. */
const MAX_MARKS = 100;

/** Takes the marks of lists and quotes off a line's begin. */
export function lineStart(text: string): LineStart {
  let at = 0;
  let column = 0;
  const skipSpace = () => {
    for (; text[at] === " " || text[at] === "\t"; at++) column += text[at] === "\t" ? 4 - (column % 4) : 1;
  };
  skipSpace();
  const columns = column;
  let item = false;
  let quote = false;
  let itemColumns = 0;
  let contentAt = at;
  let contentColumn = column;
  const mayHoldMarks = columns <= 3 ? MAX_MARKS : 0;
  for (let marks = 0; marks < mayHoldMarks; marks++) {
    // Four columns behind a mark are indented code, whatever they hold.
    if (marks > 0 && column - contentColumn > 4) break;
    const width = text[at] === ">" ? 1 : listMark(text, at);
    if (width === 0) break;
    if (text[at] === ">") quote = true;
    else item = true;
    at += width;
    column += width;
    contentAt = at;
    contentColumn = column;
    skipSpace();
    if (!quote) itemColumns = column;
  }
  return { columns, item, itemColumns, quote, rest: text.slice(quote || item ? contentAt : 0) };
}

/** The fence a line opens; null when it opens none. `start` is the line's own. */
export function openFence(text: string, start: LineStart): Fence | null {
  const content = start.item || start.quote ? start.rest : text;
  const trimmed = content.trimStart();
  if (!start.item && !start.quote && start.columns > 3) return null;
  const mark = trimmed[0];
  if (mark !== "`" && mark !== "~") return null;
  let length = 0;
  while (trimmed[length] === mark) length++;
  if (length < 3) return null;
  // A backtick behind an opening run of backticks makes it a code span.
  if (mark === "`" && trimmed.includes("`", length)) return null;
  return { mark, length, indentColumns: start.itemColumns || start.columns, itemColumns: start.itemColumns };
}

/** True for a line of only the fence's mark, at least as long. In a list item it may stand further right. */
export function closesFence(text: string, fence: Fence): boolean {
  const { columns } = lineStart(text);
  if (columns > fence.itemColumns + 3) return false;
  const trimmed = text.trim();
  if (trimmed.length < fence.length) return false;
  for (const sign of trimmed) if (sign !== fence.mark) return false;
  return true;
}

/**
 * When an HTML block whose content is not Markdown begins here, the test for its last line: a comment, an instruction, and the
 * elements that show their text as it is. Null otherwise.
 */
export function htmlBlockEnd(rest: string): ((line: string, first: boolean) => boolean) | null {
  const text = rest.trimStart();
  if (!text.startsWith("<")) return null;
  if (text.startsWith("<!--")) return (line, first) => endsComment(first ? text.slice(2) : line);
  if (text.startsWith("<?")) return (line) => line.includes("?>");
  if (text.startsWith("<![CDATA[")) return (line) => line.includes("]]>");
  const name = /^<(pre|script|style|textarea|code|kbd|samp|blockquote)(?=[\s>]|$)/iu.exec(text)?.[1];
  if (name === undefined) return null;
  const end = `</${name.toLowerCase()}>`;
  return (line) => line.toLowerCase().includes(end);
}

/** Whether a line holds nothing but spaces and tabs. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** `-->` may share its dashes with the opening: `<!-->` is a whole comment. */
function endsComment(text: string): boolean {
  return text.includes("-->");
}

/** Characters of a list mark at `at` that white space or the line's end follows; 0 when there is none. */
function listMark(text: string, at: number): number {
  const first = text[at];
  if (first === "-" || first === "*" || first === "+") return isGap(text[at + 1]) ? 1 : 0;
  // Nine digits are CommonMark's own bound.
  let digits = 0;
  while (digits < 9 && isDigit(text[at + digits])) digits++;
  const closing = text[at + digits];
  return digits > 0 && (closing === "." || closing === ")") && isGap(text[at + digits + 1]) ? digits + 1 : 0;
}

function isGap(sign: string | undefined): boolean {
  return sign === undefined || sign === " " || sign === "\t";
}

function isDigit(sign: string | undefined): boolean {
  return sign !== undefined && sign >= "0" && sign <= "9";
}
