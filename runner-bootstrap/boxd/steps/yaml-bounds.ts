import { CST, Lexer } from "yaml";

/** Deeper flow collections are nobody's; the composer takes seconds for 64 KiB of opening brackets. */
const MAX_FLOW_DEPTH = 16;
/** Keys, dashes, anchors and tags that may stand one in another on one line: the composer takes minutes for 64 KiB of `? `. */
const MAX_NESTED_MARKS = 16;

const MARKS: ReadonlySet<string> = new Set([
  "seq-item-ind",
  "map-value-ind",
  "explicit-key-ind",
  "anchor",
  "tag",
  "alias",
]);

/**
 * The offset at which a YAML text nests deeper than any honest one; null when it may be composed. The lexer is linear in the text's
 * length, the composer is not, so hostile text is asked this first.
 */
export function tooDeepAt(text: string): number | null {
  let offset = 0;
  let flow = 0;
  let marks = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? "";
    if (type === "comma" || (type === "newline" && flow === 0)) marks = 0;
    else if (type === "flow-map-start" || type === "flow-seq-start") flow += 1;
    else if (type === "flow-map-end" || type === "flow-seq-end") flow = Math.max(0, flow - 1);
    else if (MARKS.has(type)) marks += 1;
    if (flow > MAX_FLOW_DEPTH || marks > MAX_NESTED_MARKS) return offset;
    // The lexer's own signs for documents and scalars take no room in the text.
    if (!isControlSign(token)) offset += token.length;
  }
  return null;
}

function isControlSign(token: string): boolean {
  return token === CST.DOCUMENT || token === CST.FLOW_END || token === CST.SCALAR;
}
