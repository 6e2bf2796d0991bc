import type { Expr } from "@actions/expressions";
import { ContextAccess, FunctionCall, Grouping, IndexAccess, Logical, Star } from "@actions/expressions/ast";
import { TokenType } from "@actions/expressions/lexer";
import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import { evaluateTree } from "../../../runner-bootstrap/boxd/steps/expressions/evaluate.ts";
import { ExpressionError } from "../../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import { FUNCTIONS } from "../../../runner-bootstrap/boxd/steps/expressions/functions.ts";
import { literalText, parseAll } from "../../../runner-bootstrap/boxd/steps/expressions/parse.ts";
import { namesFrom } from "../../../runner-bootstrap/boxd/steps/expressions/scope.ts";
import { calledName, childrenOf } from "../../../runner-bootstrap/boxd/steps/expressions/walk.ts";
import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { expressionsIn } from "./texts.ts";

/** What stands for a part of a name that only a running step knows. */
const ANY = "\0";
/** Names that one expression may come to; beyond that it may be any. */
const MAX_CHOICES = 50;
const NO_NAMES = namesFrom([], []);
/** Names of the `github` context that the box sets, most of them anew for each step (engine/make-job.ts, command-files.ts, run-action.ts). */
const SET_ON_BOX: ReadonlySet<string> = new Set([
  "action",
  "action_path",
  "action_ref",
  "action_repository",
  "action_status",
  "env",
  "event_path",
  "job",
  "output",
  "path",
  "state",
  "step_summary",
  "token",
  "workspace",
]);
const PLACEHOLDER = /\{\{|\}\}|\{(\d+)\}/gu;

export type ComputedNames = {
  /** Whether a computed name may come to this one; letter case does not count. */
  readonly mayBe: (name: string) => boolean;
  /** A part of a name at least is known only on the box. */
  readonly isOpen: boolean;
};

/**
 * The secrets that expressions take by a name they compute (`secrets[matrix.token]`, `secrets[format('KEY_{0}', ...)]`), in all texts of a
 * value; null for none. `known` are contexts whose values stand already. What only a step will know may be anything, within the parts of
 * `format` that are written down.
 */
export function computedNames(value: unknown, known: Readonly<Record<string, Yaml>>): ComputedNames | null {
  const choices = new Set<string>();
  for (const text of expressionsIn(value, false)) {
    if (!/secrets[\s)]*\[/iu.test(text)) continue;
    for (const index of indexesIn(text)) for (const one of choicesOf(index, text, known)) choices.add(one);
  }
  if (choices.size === 0) return null;
  const all = [...choices];
  return {
    mayBe: (name) => all.some((one) => fits(name, one)),
    isOpen: all.some((one) => one.includes(ANY)),
  };
}

function indexesIn(text: string): readonly Expr[] {
  const found: Expr[] = [];
  for (const expr of everyPart(treeOf(text)))
    if (
      expr instanceof IndexAccess &&
      isContext(expr.expr, "secrets") &&
      !(expr.index instanceof Star) &&
      literalText(expr.index) === undefined
    )
      found.push(expr.index);
  return found;
}

function treeOf(text: string): Expr | null {
  try {
    return parseAll(text, NO_NAMES).tree;
  } catch (thrown) {
    // Whoever plans has told it, or text that is no expression was cut as one.
    if (thrown instanceof ExpressionError) return null;
    throw thrown;
  }
}

function everyPart(tree: Expr | null): readonly Expr[] {
  if (tree instanceof Grouping) return everyPart(tree.group);
  return tree === null ? [] : [tree, ...childrenOf(tree).flatMap(everyPart)];
}

/** All texts that a part may come to, with `ANY` where nothing is known. */
function choicesOf(expr: Expr, text: string, known: Readonly<Record<string, Yaml>>): readonly string[] {
  if (expr instanceof Grouping) return choicesOf(expr.group, text, known);
  const value = valueOf(expr, text, known);
  if (value !== undefined) return [value];
  const below = (parts: readonly Expr[]): readonly string[] =>
    bounded(parts.flatMap((part) => choicesOf(part, text, known)));
  // The value of `||` is that of one of its sides; of `&&` the last, or one that is false, which names nothing.
  if (expr instanceof Logical)
    return below(expr.operator.type === TokenType.OR ? expr.args : expr.args.slice(-1));
  if (!(expr instanceof FunctionCall)) return [ANY];
  const name = calledName(expr).toLowerCase();
  if (name === "case") return below(expr.args.filter((_, at) => at % 2 === 1 || at === expr.args.length - 1));
  const [pattern, ...args] = expr.args;
  const written = name === "format" && pattern !== undefined ? valueOf(pattern, text, known) : undefined;
  if (written === undefined) return [ANY];
  let made: readonly string[] = [""];
  let last = 0;
  const then = (ends: readonly string[]): void => {
    made = bounded(made.flatMap((start) => ends.map((end) => start + end)));
  };
  for (const match of written.matchAll(PLACEHOLDER)) {
    then([written.slice(last, match.index)]);
    last = match.index + match[0].length;
    const arg = args[Number(match[1])];
    then(match[1] === undefined ? [match[0].slice(1)] : arg === undefined ? [ANY] : below([arg]));
  }
  then([written.slice(last)]);
  return made;
}

/** The text that a part comes to; undefined while something in it is not known. */
function valueOf(expr: Expr, text: string, known: Readonly<Record<string, Yaml>>): string | undefined {
  if (!stands(expr, known)) return undefined;
  try {
    return toText(evaluateTree(expr, text, { contexts: known }));
  } catch (thrown) {
    // It fails on the box, too: no name.
    if (thrown instanceof ExpressionError) return "";
    throw thrown;
  }
}

/** Whether nothing in it waits for the box. */
function stands(expr: Expr, known: Readonly<Record<string, Yaml>>): boolean {
  if (expr instanceof Grouping) return stands(expr.group, known);
  if (expr instanceof IndexAccess && isContext(expr.expr, "github")) {
    const name = literalText(expr.index);
    return name !== undefined && !SET_ON_BOX.has(name.toLowerCase());
  }
  // The whole `github` is never what it was.
  if (expr instanceof ContextAccess)
    return !isContext(expr, "github") && Object.hasOwn(known, expr.name.lexeme.toLowerCase());
  if (expr instanceof FunctionCall && !FUNCTIONS.has(calledName(expr).toLowerCase())) return false;
  return childrenOf(expr).every((part) => stands(part, known));
}

function isContext(expr: Expr, name: string): boolean {
  if (expr instanceof Grouping) return isContext(expr.group, name);
  return expr instanceof ContextAccess && expr.name.lexeme.toLowerCase() === name;
}

function bounded(choices: readonly string[]): readonly string[] {
  return choices.length > MAX_CHOICES ? [ANY] : choices;
}

/** Each written part behind the one before it: never slow, whatever the name and the parts. */
function fits(name: string, choice: string): boolean {
  const [first = "", ...rest] = choice.toLowerCase().split(ANY);
  const last = rest.pop();
  const text = name.toLowerCase();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
