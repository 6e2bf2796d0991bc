/** Evaluates the text between `${{` and `}}`. */

import type { Expr } from "@actions/expressions";
import { data } from "@actions/expressions";
import type {
  Binary,
  ContextAccess,
  ExprVisitor,
  FunctionCall,
  Literal,
  Logical,
} from "@actions/expressions/ast";
import { Star } from "@actions/expressions/ast";
import { TokenType } from "@actions/expressions/lexer";

import type { Yaml } from "../plan.ts";
import { makeAccess } from "./access.ts";
import { compare, equals, isTruthy, toText } from "./coerce.ts";
import { ExpressionError } from "./expression-error.ts";
import { FUNCTIONS } from "./functions.ts";
import type { Meter } from "./meter.ts";
import { makeMeter, TooMuch } from "./meter.ts";
import { parse } from "./parse.ts";
import type { Scope } from "./scope.ts";
import { namesOf } from "./scope.ts";
import { calledName } from "./walk.ts";

/**
 * The value of one expression (without `${{ }}`); may be a part of a context itself, so treat it as read-only. Throws only
 * ExpressionError: bad syntax, an unknown name, a bad argument, a value over 10 MB. Pure but for what the scope's functions do.
 */
export function evaluate(expression: string, scope: Scope): Yaml {
  return evaluateTree(parse(expression, namesOf(scope)), expression, scope);
}

/** As `evaluate`, for a tree of `parse`; `text` is what it was made of. */
export function evaluateTree(tree: Expr, text: string, scope: Scope): Yaml {
  const meter = makeMeter();
  const env = scope.contexts["env"];
  const access = makeAccess(meter, new Set(env === undefined ? [] : [env]));
  const run = (expr: Expr): Yaml => expr.accept(visitor);
  const visitor: ExprVisitor<Yaml> = {
    visitLiteral: literalValue,
    visitGrouping: (grouping) => run(grouping.group),
    visitUnary: (unary) => !isTruthy(run(unary.expr)),
    visitLogical: (logical) => runLogical(logical, run),
    visitBinary: (binary) => runBinary(binary, run, meter),
    visitContextAccess: (use) => contextValue(use, scope),
    visitIndexAccess: (use) => {
      const from = run(use.expr);
      return use.index instanceof Star ? access.all(from) : access.one(from, run(use.index));
    },
    visitFunctionCall: (call) => {
      try {
        return runCall(call, run, scope, meter);
      } catch (error) {
        throw placed(error, text, call.functionName.range.start.column);
      }
    },
  };
  try {
    return run(tree);
  } catch (error) {
    throw placed(error, text, 0);
  }
}

function literalValue({ literal, token }: Literal): Yaml {
  if (literal instanceof data.Null) return null;
  if (literal instanceof data.BooleanData || literal instanceof data.NumberData) return literal.value;
  return literal instanceof data.StringData ? literal.value : token.lexeme;
}

function runLogical({ operator, args }: Logical, run: (expr: Expr) => Yaml): Yaml {
  let value: Yaml = null;
  for (const arg of args) {
    value = run(arg);
    if (isTruthy(value) === (operator.type === TokenType.OR)) break;
  }
  return value;
}

function runBinary(binary: Binary, run: (expr: Expr) => Yaml, meter: Meter): Yaml {
  const left = run(binary.left);
  const right = run(binary.right);
  for (const side of [left, right]) if (typeof side === "string") meter.text(side);
  if (binary.operator.type === TokenType.EQUAL_EQUAL) return equals(left, right);
  if (binary.operator.type === TokenType.BANG_EQUAL) return !equals(left, right);
  const order = compare(left, right);
  if (binary.operator.type === TokenType.GREATER) return order > 0;
  if (binary.operator.type === TokenType.LESS) return order < 0;
  // The same array or map is equal to itself, though it has no order.
  const isEqual = equals(left, right);
  return isEqual || (binary.operator.type === TokenType.GREATER_EQUAL ? order > 0 : order < 0);
}

function contextValue({ name }: ContextAccess, scope: Scope): Yaml {
  const wanted = name.lexeme.toLowerCase();
  return Object.entries(scope.contexts).find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
}

function runCall(call: FunctionCall, run: (expr: Expr) => Yaml, scope: Scope, meter: Meter): Yaml {
  const argument = (at: number): Yaml => {
    const expr = call.args[at];
    return expr === undefined ? null : run(expr);
  };
  const name = calledName(call).toLowerCase();
  const builtIn = FUNCTIONS.get(name);
  if (builtIn !== undefined) return builtIn({ count: call.args.length, argument, meter });
  if (name === "hashfiles")
    return scope.hashFiles?.(call.args.map((arg) => meter.text(toText(run(arg))))) ?? "";
  if (name === "always") return true;
  const status = scope.status;
  if (name === "success") return status?.success() ?? false;
  if (name === "failure") return status?.failure() ?? false;
  return status?.cancelled() ?? false;
}

function placed(error: unknown, text: string, offset: number): ExpressionError {
  if (error instanceof ExpressionError) return error;
  if (error instanceof TooMuch || error instanceof TypeError)
    return new ExpressionError(error.message, text, offset, error);
  const why = error instanceof Error ? error.message : "unknown reason";
  return new ExpressionError(`the expression cannot be evaluated: ${why}`, text, offset, error);
}
