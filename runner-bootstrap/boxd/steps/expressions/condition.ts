/** Conditions: the `if` of jobs and steps, `pre-if` and `post-if` of actions. */

import { isTruthy } from "./coerce.ts";
import { evaluateTree } from "./evaluate.ts";
import { ExpressionError, within } from "./expression-error.ts";
import { literalText, parse } from "./parse.ts";
import type { Names, Scope } from "./scope.ts";
import { namesOf, STATUS_FUNCTIONS } from "./scope.ts";
import type { Segment } from "./segments.ts";
import { segmentsOf, wholeExpression } from "./segments.ts";
import { calls } from "./walk.ts";

/** What a condition's text says. `always-true`: text stands around `${{ }}`, and text that is not empty is true. */
export type ConditionForm =
  | { readonly kind: "empty" }
  | { readonly kind: "expression"; readonly text: string; readonly start: number }
  | { readonly kind: "always-true"; readonly segments: readonly Segment[] };

/**
 * Whether the condition holds. Nothing written means `success()`, and `success() &&` stands before a condition in which no status
 * function is called (actions/runner PipelineTemplateConverter.cs, ConvertToIfCondition). A scope without `status` counts as success.
 * Throws ExpressionError.
 */
export function condition(text: string | undefined, scope: Scope): boolean {
  const isSuccess = (): boolean => scope.status?.success() ?? true;
  const whole = text ?? "";
  const form = conditionForm(whole);
  if (form.kind === "empty") return isSuccess();
  const names = namesOf(scope);
  const parts =
    form.kind === "expression" ? [form] : form.segments.filter((segment) => segment.kind === "expression");
  const trees = parts.map((part) => {
    const { tree, text } = placed(whole, part, () => conditionTree(part.text, whole, names));
    return { tree, text, start: part.start };
  });
  // `success() && (…)`: after a failure nothing behind it is evaluated.
  if (!trees.some(({ tree }) => calls(tree, STATUS_FUNCTIONS)) && !isSuccess()) return false;
  // What stands beside text is evaluated too: a fault in it fails the step on GitHub.
  const values = trees.map((part) => placed(whole, part, () => evaluateTree(part.tree, part.text, scope)));
  return form.kind === "always-true" || values.every(isTruthy);
}

/** Reads a condition, with or without `${{ }}`. Throws an ExpressionError at an unclosed `${{`. */
export function conditionForm(text: string): ConditionForm {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  if (!text.includes("${{")) return { kind: "expression", text: trimmed, start: text.indexOf(trimmed) };
  const segments = segmentsOf(text);
  const whole = wholeExpression(segments);
  return whole === undefined
    ? { kind: "always-true", segments }
    : { kind: "expression", text: whole.text, start: whole.start };
}

function placed<T>(whole: string, part: { readonly start: number }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExpressionError ? within(error, whole, part.start) : error;
  }
}

function conditionTree(
  text: string,
  whole: string,
  names: Names,
): { readonly tree: ReturnType<typeof parse>; readonly text: string } {
  const tree = parse(text, names);
  // `if: ${{ 'x' }}` is read as `if: x` by the official runner (TemplateReader.cs, IsExpressionString).
  const literal = whole.includes("${{") ? literalText(tree) : undefined;
  return literal === undefined || literal.trim() === ""
    ? { tree, text }
    : { tree: parse(literal, names), text: literal };
}
