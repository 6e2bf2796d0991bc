/** Cuts text that may hold `${{ }}` into plain text and expressions: actions/runner TemplateReader.cs, ParseScalar. */

import { ExpressionError } from "./expression-error.ts";

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  /** `text` is trimmed; `start` is its offset in the whole. */
  | { readonly kind: "expression"; readonly text: string; readonly start: number };

const OPEN = "${{";

/**
 * GitHub makes one `format('…{0}…', …)` of text with expressions in it, and so the limits of an expression hold for all of it:
 * 21,000 characters, and 255 arguments with the format itself (actions/runner ExpressionConstants.cs).
 */
const JOINED_MAX_CHARS = 21_000;
const MAX_EXPRESSIONS = 254;

/**
 * The pieces in order. `}}` inside a string literal closes nothing. Throws an ExpressionError at an unclosed `${{`, and for text with
 * expressions that is longer than GitHub takes.
 */
export function segmentsOf(template: string): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (let open = template.indexOf(OPEN); open !== -1; open = template.indexOf(OPEN, at)) {
    if (segments.length > 2 * MAX_EXPRESSIONS) throw tooMany(template, open);
    if (open > at) segments.push({ kind: "text", text: template.slice(at, open) });
    const from = open + OPEN.length;
    const { close, inString } = closingAt(template, from);
    if (close === null) {
      const why = inString ? "; a quote in it is not closed" : "";
      throw new ExpressionError(`\${{ is not closed with }}${why}`, template, open);
    }
    const inner = template.slice(from, close);
    segments.push({
      kind: "expression",
      text: inner.trim(),
      start: from + inner.length - inner.trimStart().length,
    });
    at = close + 2;
  }
  if (at < template.length) segments.push({ kind: "text", text: template.slice(at) });
  refuseLong(segments, template);
  return segments;
}

/** What stands between `${{` and `}}`, cut as `segmentsOf` does, of any length; up to the first that is not closed. Never throws. */
export function* expressionsOf(template: string): Generator<string> {
  for (let open = template.indexOf(OPEN); open !== -1;) {
    const from = open + OPEN.length;
    const { close } = closingAt(template, from);
    if (close === null) return;
    yield template.slice(from, close);
    open = template.indexOf(OPEN, close + 2);
  }
}

/** The one expression that the whole template is; undefined when there is text beside it, or no expression. */
export function wholeExpression(
  segments: readonly Segment[],
): (Segment & { readonly kind: "expression" }) | undefined {
  const [first] = segments;
  return segments.length === 1 && first?.kind === "expression" ? first : undefined;
}

function refuseLong(segments: readonly Segment[], template: string): void {
  const expressions = segments.filter(({ kind }) => kind === "expression");
  if (segments.length < 2 || expressions.length === 0) return;
  if (expressions.length > MAX_EXPRESSIONS) throw tooMany(template, 0);
  // Quotes and braces are doubled in a format; each expression adds `, ` and its place.
  const joined = segments.reduce(
    (sum, { kind, text }) =>
      sum + text.length + (kind === "expression" ? ", {0}".length : text.replaceAll(/[^'{}]/g, "").length),
    "format('')".length,
  );
  if (joined > JOINED_MAX_CHARS)
    throw new ExpressionError(
      `text with \${{ }} in it is ${joined} characters long as one expression; GitHub allows ${JOINED_MAX_CHARS}. ` +
        "Hand the values over in env instead",
      template,
      0,
    );
}

function tooMany(template: string, offset: number): ExpressionError {
  return new ExpressionError(`more than ${MAX_EXPRESSIONS} expressions in one text`, template, offset);
}

/** The first `}}` that stands in no string; null when there is none. */
function closingAt(
  template: string,
  from: number,
): { readonly close: number | null; readonly inString: boolean } {
  const scan = /'|\}\}/g;
  scan.lastIndex = from;
  let inString = false;
  for (let found = scan.exec(template); found !== null; found = scan.exec(template)) {
    if (found[0] === "'") inString = !inString;
    else if (!inString) return { close: found.index, inString };
  }
  return { close: null, inString };
}
