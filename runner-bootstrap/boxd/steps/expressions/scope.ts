/** What an expression can see, and the names that follow from it. */

import type { Yaml } from "../plan.ts";

export type Scope = {
  /** By lower-case name. `env` is looked up by exact case, as the official runner does on Linux; all else ignores case. */
  readonly contexts: Readonly<Record<string, Yaml>>;
  /** Where status functions are allowed: conditions of jobs and steps. */
  readonly status?: {
    readonly success: () => boolean;
    readonly failure: () => boolean;
    readonly cancelled: () => boolean;
  };
  /** Where `hashFiles` is allowed; what it throws becomes an ExpressionError. */
  readonly hashFiles?: (patterns: readonly string[]) => string;
};

/** How many arguments a function takes. */
export type Arity = { readonly name: string; readonly min: number; readonly max: number };

/** Contexts and functions that may stand in an expression; functions by lower-case name. */
export type Names = {
  readonly contexts: readonly string[];
  readonly functions: ReadonlyMap<string, Arity>;
};

/** GitHub's most arguments (actions/runner ExpressionConstants.cs: Byte.MaxValue). */
const MAX_ARGUMENTS = 255;

/** Always there; counts from actions/runner ExpressionConstants.cs. */
const BUILT_IN: readonly Arity[] = [
  { name: "case", min: 3, max: MAX_ARGUMENTS },
  { name: "contains", min: 2, max: 2 },
  { name: "endsWith", min: 2, max: 2 },
  { name: "format", min: 1, max: MAX_ARGUMENTS },
  { name: "fromJSON", min: 1, max: 1 },
  { name: "join", min: 1, max: 2 },
  { name: "startsWith", min: 2, max: 2 },
  { name: "toJSON", min: 1, max: 1 },
];

/** There only where the place allows them (actions/runner PipelineTemplateConverter.cs, `s_stepConditionFunctions`). */
const BY_PLACE: readonly Arity[] = [
  { name: "always", min: 0, max: 0 },
  { name: "cancelled", min: 0, max: 0 },
  { name: "failure", min: 0, max: 0 },
  { name: "success", min: 0, max: 0 },
  { name: "hashFiles", min: 1, max: MAX_ARGUMENTS },
];

/** Functions that turn off the `success()` which a condition has by itself. */
export const STATUS_FUNCTIONS: ReadonlySet<string> = new Set(["always", "cancelled", "failure", "success"]);

/**
 * The names a place allows: the built-in functions and those listed, letter case ignored. A name may carry its own counts as
 * GitHub's schema writes them: `failure(0,MAX)`.
 */
export function namesFrom(contexts: readonly string[], functions: readonly string[]): Names {
  const all = [...BUILT_IN, ...functions.map(arityOf)];
  return { contexts, functions: new Map(all.map((one) => [one.name.toLowerCase(), one])) };
}

/** The names that a scope answers. */
export function namesOf(scope: Scope): Names {
  const functions = [
    ...(scope.status === undefined ? [] : STATUS_FUNCTIONS),
    ...(scope.hashFiles === undefined ? [] : ["hashFiles"]),
  ];
  return namesFrom(Object.keys(scope.contexts), functions);
}

function arityOf(text: string): Arity {
  const written = /^([\w-]+)\((\d+),(\d+|MAX)\)$/.exec(text);
  const name = written?.[1] ?? text;
  if (written !== null)
    return { name, min: Number(written[2]), max: written[3] === "MAX" ? MAX_ARGUMENTS : Number(written[3]) };
  const known = BY_PLACE.find((one) => one.name.toLowerCase() === name.toLowerCase());
  return known ?? { name, min: 0, max: MAX_ARGUMENTS };
}
