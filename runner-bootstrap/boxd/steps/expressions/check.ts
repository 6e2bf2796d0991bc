/** Finds what is wrong with expressions before anything runs. */

import { conditionForm } from "./condition.ts";
import { ExpressionError, within } from "./expression-error.ts";
import { parseAll } from "./parse.ts";
import type { Names } from "./scope.ts";
import { namesFrom } from "./scope.ts";
import { segmentsOf } from "./segments.ts";

export type Fault = {
  /** `error`: GitHub refuses it as well. `warning`: it runs, but hardly as it was meant. */
  readonly level: "error" | "warning";
  /** What was found, then what is allowed. */
  readonly message: string;
  /** Place in the text that was checked; all count from 1, `offset` from 0. */
  readonly line: number;
  readonly column: number;
  readonly offset: number;
};

export type Allowed = {
  /** Names of contexts. */
  readonly contexts: readonly string[];
  /** Functions beside the built-in ones: `hashFiles`, `success`, also with counts as in GitHub's schema: `failure(0,MAX)`. */
  readonly functions: readonly string[];
  /** The text is a condition: an expression with or without `${{ }}`. Otherwise it is a template. */
  readonly isCondition: boolean;
};

/** Faults of a template or a condition in the order of the text; an empty list means that GitHub would take it. Never throws. */
export function check(text: string, allowed: Allowed): readonly Fault[] {
  const names = namesFrom(allowed.contexts, allowed.functions);
  try {
    return allowed.isCondition ? conditionFaults(text, names) : templateFaults(text, names);
  } catch (error) {
    if (error instanceof ExpressionError) return [faultOf(error)];
    throw error;
  }
}

function conditionFaults(text: string, names: Names): readonly Fault[] {
  const form = conditionForm(text);
  if (form.kind === "empty") return [];
  if (form.kind === "expression") return expressionFaults(form, text, names);
  const around = new ExpressionError(
    "this condition is always true, because text stands around ${{ }}; put the whole condition inside, or leave ${{ }} out",
    text,
    0,
  );
  return [{ ...faultOf(around), level: "warning" }, ...templateFaults(text, names)];
}

function templateFaults(text: string, names: Names): readonly Fault[] {
  return segmentsOf(text).flatMap((segment) =>
    segment.kind === "text" || (segment.text === "insert" && segmentsOf(text).length === 1)
      ? []
      : expressionFaults(segment, text, names),
  );
}

function expressionFaults(
  part: { readonly text: string; readonly start: number },
  whole: string,
  names: Names,
): readonly Fault[] {
  try {
    return parseAll(part.text, names).faults.map((fault) => faultOf(within(fault, whole, part.start)));
  } catch (error) {
    if (error instanceof ExpressionError) return [faultOf(within(error, whole, part.start))];
    throw error;
  }
}

function faultOf({ message, line, column, offset }: ExpressionError): Fault {
  return { level: "error", message, line, column, offset };
}
