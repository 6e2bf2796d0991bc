/** `format('{0} and {1}', a, b)`: actions/runner Sdk/Functions/Format.cs. */

import type { Yaml } from "../plan.ts";
import { toText } from "./coerce.ts";
import { quote } from "./expression-error.ts";
import type { Meter } from "./meter.ts";

/** The largest number in braces: GitHub reads it as a byte. */
const MAX_INDEX = 255;

/** One piece of a format: a doubled brace, a place for an argument, a brace that means nothing, or text. */
const PIECE = /\{\{|\}\}|\{(\d+)\}|[{}]|[^{}]+/g;

/** Fills the places of a format; arguments that have no place are never evaluated. Throws a TypeError on a bad format. */
export function formatText(
  format: string,
  call: { readonly count: number; readonly argument: (at: number) => Yaml; readonly meter: Meter },
): string {
  const { add } = call.meter.collector();
  const known = new Map<number, string>();
  const parts: string[] = [];
  for (const [piece, digits] of format.matchAll(PIECE)) {
    const part = digits === undefined ? plain(piece, format) : fromArgument(Number(digits));
    add(part);
    parts.push(part);
  }
  return parts.join("");

  function fromArgument(index: number): string {
    if (index > MAX_INDEX || index > call.count - 2)
      throw new TypeError(
        `format: {${index > MAX_INDEX ? "…" : index}} has no argument; ${call.count - 1} given, counted from {0}`,
      );
    const text = known.get(index) ?? toText(call.argument(index + 1));
    known.set(index, text);
    return text;
  }
}

function plain(piece: string, format: string): string {
  if (piece === "{{" || piece === "}}") return piece.charAt(0);
  if (piece === "{" || piece === "}")
    throw new TypeError(
      `format: a single ${piece} in ${quote(format)}; places are {0}, {1}, …, and a brace itself is written twice`,
    );
  return piece;
}
