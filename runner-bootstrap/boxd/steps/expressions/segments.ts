/** Cuts text that may hold `${{ }}` into plain text and expressions: actions/runner TemplateReader.cs, ParseScalar. */

import { ExpressionError } from "./expression-error.ts";

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  /** `text` is trimmed; `start` is its offset in the whole. */
  | { readonly kind: "expression"; readonly text: string; readonly start: number };

const OPEN = "${{";

/** Beyond this many the text is no workflow's. Ours; GitHub's 21,000 characters for the joined text lie far below. */
const MAX_EXPRESSIONS = 10_000;

/** The pieces in order. `}}` inside a string literal closes nothing. Throws an ExpressionError at an unclosed `${{`. */
export function segmentsOf(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (let open = template.indexOf(OPEN); open !== -1; open = template.indexOf(OPEN, at)) {
    if (segments.length > 2 * MAX_EXPRESSIONS)
      throw new ExpressionError(`more than ${MAX_EXPRESSIONS} expressions in one text`, template, open);
    if (open > at) segments.push({ kind: "text", text: template.slice(at, open) });
    const from = open + OPEN.length;
    const close = closingAt(template, from, open);
    const inner = template.slice(from, close);
    segments.push({
      kind: "expression",
      text: inner.trim(),
      start: from + inner.length - inner.trimStart().length,
    });
    at = close + 2;
  }
  if (at < template.length) segments.push({ kind: "text", text: template.slice(at) });
  return segments;
}

/** The one expression that the whole template is; undefined when there is text beside it, or no expression. */
export function wholeExpression(
  segments: readonly Segment[],
): (Segment & { readonly kind: "expression" }) | undefined {
  const [first] = segments;
  return segments.length === 1 && first?.kind === "expression" ? first : undefined;
}

function closingAt(template: string, from: number, open: number): number {
  const scan = /'|\}\}/g;
  scan.lastIndex = from;
  let inString = false;
  for (let found = scan.exec(template); found !== null; found = scan.exec(template)) {
    if (found[0] === "'") inString = !inString;
    else if (!inString) return found.index;
  }
  const why = inString ? "; a quote in it is not closed" : "";
  throw new ExpressionError(`\${{ is not closed with }}${why}`, template, open);
}
