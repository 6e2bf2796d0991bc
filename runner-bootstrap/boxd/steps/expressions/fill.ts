/** Fills `${{ }}` in text and in whole YAML values. */

import type { Yaml } from "../plan.ts";
import { isMap, isPrimitive, toText } from "./coerce.ts";
import { evaluate } from "./evaluate.ts";
import { ExpressionError, within } from "./expression-error.ts";
import { makeMeter, TooMuch } from "./meter.ts";
import type { Scope } from "./scope.ts";
import type { Segment } from "./segments.ts";
import { segmentsOf, wholeExpression } from "./segments.ts";

/** Deepest YAML value. Ours; workflows are refused far above it when they are read. */
const VALUE_MAX_DEPTH = 100;

/** `${{ insert }}` as a key puts the entries of its value in its place. */
const INSERT = "insert";

/**
 * Text with its expressions evaluated: null as nothing, numbers and booleans as GitHub writes them, arrays and maps beside other text
 * as the words `Array` and `Object`. Throws ExpressionError with the place in `template`: also when the text would be over 10 MB, and
 * where the whole text is one expression whose value is an array or a map (actions/runner TemplateToken.cs, EvaluateStringToken).
 */
export function fill(template: string, scope: Scope): string {
  const segments = segmentsOf(template);
  const whole = wholeExpression(segments);
  if (whole !== undefined) return wholeText(whole, template, scope);
  const { add } = makeMeter().collector();
  const parts = segments.map((segment) => {
    const text = segment.kind === "text" ? segment.text : toText(evaluateSegment(segment, template, scope));
    bounded(template, () => add(text));
    return text;
  });
  return parts.join("");
}

/**
 * A YAML value with all expressions in it evaluated, keys too. Text that is one expression and nothing else keeps the type of its
 * value, so `${{ fromJSON('[1]') }}` is an array. Throws ExpressionError; its place is in the text at fault, not in the value.
 */
export function fillValue(value: Yaml, scope: Scope): Yaml {
  return fillDeep(value, scope, 0);
}

function fillDeep(value: Yaml, scope: Scope, depth: number): Yaml {
  if (typeof value === "string") return fillScalar(value, scope);
  if (isPrimitive(value)) return value;
  if (depth >= VALUE_MAX_DEPTH)
    throw new ExpressionError(`the value is nested deeper than ${VALUE_MAX_DEPTH}`, "", 0);
  if (!isMap(value)) return value.map((item: Yaml) => fillDeep(item, scope, depth + 1));
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const filled = fillDeep(item, scope, depth + 1);
    return isInsert(key) ? insertedEntries(key, filled) : [[fill(key, scope), filled] as const];
  });
  return Object.fromEntries(entries);
}

function wholeText(whole: Segment & { kind: "expression" }, template: string, scope: Scope): string {
  const value = evaluateSegment(whole, template, scope);
  if (isPrimitive(value)) return toText(value);
  throw new ExpressionError(
    `${isMap(value) ? "a map" : "an array"} stands where text is wanted; toJSON(…) makes text of it`,
    template,
    whole.start,
  );
}

function fillScalar(template: string, scope: Scope): Yaml {
  const whole = template.includes("${{") ? wholeExpression(segmentsOf(template)) : undefined;
  return whole === undefined ? fill(template, scope) : evaluateSegment(whole, template, scope);
}

function isInsert(key: string): boolean {
  return key.includes("${{") && wholeExpression(segmentsOf(key))?.text === INSERT;
}

function insertedEntries(key: string, value: Yaml): readonly (readonly [string, Yaml])[] {
  if (isMap(value)) return Object.entries(value);
  throw new ExpressionError(`\${{ insert }} takes a map; found ${toText(value) || "nothing"}`, key, 0);
}

function evaluateSegment(segment: Segment & { kind: "expression" }, template: string, scope: Scope): Yaml {
  try {
    return evaluate(segment.text, scope);
  } catch (error) {
    throw error instanceof ExpressionError ? within(error, template, segment.start) : error;
  }
}

function bounded(template: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof TooMuch ? new ExpressionError(error.message, template, 0, error) : error;
  }
}
