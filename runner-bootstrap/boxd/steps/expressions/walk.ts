/** Walks over the tree of an expression without evaluating it. */

import type { Expr } from "@actions/expressions";
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Logical,
  Unary,
} from "@actions/expressions/ast";

import { quote } from "./expression-error.ts";
import { didYouMean } from "./nearest.ts";
import type { Arity, Names } from "./scope.ts";

export type NameFault = { readonly message: string; readonly offset: number };

/** Before the name of every function that is called, so that the package's parser takes none for its own and leaves counting to us. */
export const CALL_MARK = "call:";

/** What GitHub has, each at some places only (its page "Contexts reference"). */
const CONTEXTS: ReadonlySet<string> = new Set([
  "env",
  "github",
  "inputs",
  "job",
  "jobs",
  "matrix",
  "needs",
  "runner",
  "steps",
  "strategy",
  "vars",
]);

/** The name as written. */
export function calledName(call: FunctionCall): string {
  return call.functionName.lexeme.slice(CALL_MARK.length);
}

/** The parts directly below; brackets do not count as a level, as in the official runner. */
export function childrenOf(expr: Expr): readonly Expr[] {
  if (expr instanceof Grouping) return childrenOf(expr.group);
  if (expr instanceof Unary) return [expr.expr];
  if (expr instanceof Binary) return [expr.left, expr.right];
  if (expr instanceof Logical || expr instanceof FunctionCall) return expr.args;
  if (expr instanceof IndexAccess) return [expr.expr, expr.index];
  return [];
}

function* nodesOf(tree: Expr): Generator<Expr> {
  const open = [tree];
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    yield expr;
    if (expr instanceof Grouping) open.push(expr.group);
    else open.push(...childrenOf(expr));
  }
}

/** Whether a function of one of these lower-case names is called anywhere. */
export function calls(tree: Expr, names: ReadonlySet<string>): boolean {
  for (const expr of nodesOf(tree))
    if (expr instanceof FunctionCall && names.has(calledName(expr).toLowerCase())) return true;
  return false;
}

/** Unknown contexts and functions, and calls with the wrong number of arguments. */
export function nameFaults(tree: Expr, names: Names): readonly NameFault[] {
  const faults: NameFault[] = [];
  for (const expr of nodesOf(tree)) {
    const token =
      expr instanceof ContextAccess ? expr.name : expr instanceof FunctionCall ? expr.functionName : null;
    if (token === null) continue;
    const message =
      expr instanceof FunctionCall
        ? callFault(calledName(expr), expr.args.length, names)
        : contextFault(token.lexeme, names);
    if (message !== null) faults.push({ message, offset: token.range.start.column });
  }
  return faults;
}

function contextFault(name: string, names: Names): string | null {
  if (names.contexts.some((one) => one.toLowerCase() === name.toLowerCase())) return null;
  const allowed = names.contexts.length === 0 ? "no context" : names.contexts.join(", ");
  if (name.toLowerCase() === "secrets")
    return `GitHub gives no 'secrets' at this place: hand the value over in env, to an action as an input. Allowed here: ${allowed}`;
  if (CONTEXTS.has(name.toLowerCase()))
    return `GitHub gives no ${quote(name)} at this place. Allowed here: ${allowed}`;
  return `unknown context ${quote(name)}${didYouMean(name, names.contexts) || "."} Allowed here: ${allowed}`;
}

function callFault(name: string, count: number, names: Names): string | null {
  const known = names.functions.get(name.toLowerCase());
  const all = [...names.functions.values()].map((one) => one.name);
  if (known === undefined)
    return `unknown function ${quote(name)}${didYouMean(name, all) || "."} Allowed here: ${all.join(", ")}`;
  if (count < known.min || count > known.max)
    return `${known.name} has ${count} ${count === 1 ? "argument" : "arguments"} and takes ${range(known)}`;
  if (known.name === "case" && count % 2 === 0)
    return `case has ${count} arguments and takes an odd number: condition and value in pairs, then the value for none of them`;
  return null;
}

function range({ min, max }: Arity): string {
  if (min === max) return min === 0 ? "none" : String(min);
  return max - min === 1 ? `${min} or ${max}` : `${min} to ${max}`;
}
