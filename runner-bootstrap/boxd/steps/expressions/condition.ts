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
  const form = conditionForm(text ?? "");
  if (form.kind === "empty") return isSuccess();
  const whole = text ?? "";
  if (form.kind === "always-true") {
    // Evaluated nevertheless, since a fault in it fails the step on GitHub too.
    const parts = form.segments.map((segment) =>
      segment.kind === "text" ? { asks: false } : hold(segment, whole, scope),
    );
    return parts.some(({ asks }) => asks) || isSuccess();
  }
  const { asks, value } = hold(form, whole, scope, isSuccess);
  return (asks || isSuccess()) && value;
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

type Held = { readonly asks: boolean; readonly value: boolean };

function hold(
  at: { readonly text: string; readonly start: number },
  whole: string,
  scope: Scope,
  isWanted: () => boolean = () => true,
): Held {
  try {
    const { tree, text } = conditionTree(at.text, whole, namesOf(scope));
    const asks = calls(tree, STATUS_FUNCTIONS);
    // `success() && (…)`: what stands behind is not evaluated after a failure.
    if (!asks && !isWanted()) return { asks, value: false };
    return { asks, value: isTruthy(evaluateTree(tree, text, scope)) };
  } catch (error) {
    throw error instanceof ExpressionError ? within(error, whole, at.start) : error;
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
