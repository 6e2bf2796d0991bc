/** Text of an expression to its tree, with the package's lexer and parser held to what the official runner accepts. */

import type { Expr } from "@actions/expressions";
import { data, Lexer, ExpressionError as PackageError, Parser } from "@actions/expressions";
import { Literal } from "@actions/expressions/ast";
import { ErrorType } from "@actions/expressions/errors";
import type { Token } from "@actions/expressions/lexer";
import { TokenType } from "@actions/expressions/lexer";

import { parseNumber } from "./coerce.ts";
import { ExpressionError, quote } from "./expression-error.ts";
import type { Names } from "./scope.ts";
import { CALL_MARK, childrenOf, nameFaults } from "./walk.ts";

/** GitHub's longest expression (actions/runner ExpressionConstants.cs, MaxLength). */
const EXPRESSION_MAX_CHARS = 21_000;

/** GitHub's deepest nesting (actions/runner ExpressionConstants.cs, MaxDepth). */
const MAX_DEPTH = 50;

/** What people write that other languages have, and what to write instead. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^"/u, "text stands in single quotes"],
  [/^[-+*/%]/u, "expressions do no arithmetic"],
  [/^=/u, "write == for equal"],
  [/^[&|]/u, "write && and ||"],
  [/^\?/u, "write case(condition, value, other value)"],
];

/** White space of the official lexer is all of Unicode's; the package knows four. Strings are kept as they are. */
const STRING_OR_SPACE = /'[^']*'?|\s/gu;

/**
 * The tree of an expression, every name in it known and every call with the right number of arguments. Throws the first fault as an
 * ExpressionError. The text is what stands between `${{` and `}}`.
 */
export function parse(text: string, names: Names): Expr {
  const { tree, faults } = parseAll(text, names);
  const [first] = faults;
  if (first !== undefined) throw first;
  return tree;
}

/** The tree and everything wrong with its names, in the order of the text. Throws an ExpressionError where there is no tree. */
export function parseAll(
  text: string,
  names: Names,
): { readonly tree: Expr; readonly faults: readonly ExpressionError[] } {
  if (text.length > EXPRESSION_MAX_CHARS)
    throw new ExpressionError(
      `the expression is ${text.length} characters long; GitHub allows ${EXPRESSION_MAX_CHARS}`,
      text,
      0,
    );
  const tokens = lex(text);
  const tree = parseTokens(tokens, text);
  refuseDeep(tree, text);
  const faults = nameFaults(tree, names).map(
    (fault) => new ExpressionError(fault.message, text, fault.offset),
  );
  return { tree, faults: faults.sort((a, b) => a.offset - b.offset) };
}

function lex(text: string): readonly Token[] {
  // On one line a token's column is its offset.
  const flat = text.replaceAll(STRING_OR_SPACE, (found) => (found.startsWith("'") ? found : " "));
  const lexer = new Lexer(flat);
  let tokens: readonly Token[];
  try {
    tokens = lexer.lex().tokens;
  } catch (cause) {
    const start: unknown = Reflect.get(lexer, "start");
    throw unexpected(text, typeof start === "number" ? start : 0, cause);
  }
  return tokens.map((token, at) => exactToken(token, tokens[at + 1]?.type, text));
}

function exactToken(token: Token, next: TokenType | undefined, text: string): Token {
  if (token.type === TokenType.EOF) return { ...token, range: endOf(text) };
  if (token.type === TokenType.IDENTIFIER && next === TokenType.LEFT_PAREN)
    return { ...token, lexeme: CALL_MARK + token.lexeme };
  // The package undoes only the first doubled quote of a string, and takes numbers that GitHub does not (0b1).
  if (token.type === TokenType.STRING)
    return { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") };
  if (token.type !== TokenType.NUMBER || token.lexeme === "NaN") return token;
  const value = parseNumber(token.lexeme);
  if (Number.isNaN(value)) throw unexpected(text, token.range.start.column);
  return { ...token, value };
}

function endOf(text: string): Token["range"] {
  const end = { line: 0, column: text.length };
  return { start: end, end };
}

function parseTokens(tokens: readonly Token[], text: string): Expr {
  // Trailing commas are refused by GitHub and accepted by the package.
  const comma = tokens.findIndex(
    (token, at) => token.type === TokenType.COMMA && tokens[at + 1]?.type === TokenType.RIGHT_PAREN,
  );
  if (comma !== -1) throw unexpected(text, tokens[comma + 1]?.range.start.column ?? 0);
  const words = [
    ...new Set(tokens.filter((one) => one.type === TokenType.IDENTIFIER).map((one) => one.lexeme)),
  ];
  // Every name is let through here; the walk over the tree finds all unknown ones instead of the first.
  const functions = words.map((name) => ({ name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER }));
  let tree: Expr | undefined;
  try {
    tree = new Parser([...tokens], words, functions).parse();
  } catch (cause) {
    throw parserError(cause, text);
  }
  if (tree === undefined)
    throw new ExpressionError("the expression is empty; write a value between ${{ and }}", text, 0);
  return tree;
}

function parserError(cause: unknown, text: string): ExpressionError {
  if (!(cause instanceof PackageError))
    return new ExpressionError("the expression cannot be read", text, 0, cause);
  const type: unknown = Reflect.get(cause, "typ");
  const offset = cause.pos.column;
  if (type === ErrorType.ErrorExceededMaxDepth) return tooDeep(text, offset, cause);
  if (type === ErrorType.ErrorUnexpectedEndOfExpression)
    return new ExpressionError("the expression ends where a value must follow", text, text.length, cause);
  return unexpected(text, offset, cause);
}

function unexpected(text: string, offset: number, cause?: unknown): ExpressionError {
  const found = text.slice(offset).trimStart();
  if (found === "") return new ExpressionError("the expression ends too early", text, text.length, cause);
  const hint = ELSEWHERE.find(([sign]) => sign.test(found))?.[1];
  const unclosed = found.startsWith("'") && cause !== undefined && !/^'(?:[^']|'')*'(?!')/.test(found);
  const what = unclosed ? "a quote that is not closed" : "something unexpected";
  const word = /^(?:[\w-]+|.[^\s\w]?)/su.exec(found)?.[0] ?? found;
  return new ExpressionError(
    `${what}: ${quote(unclosed ? found : word)}${hint === undefined ? "" : `; ${hint}`}`,
    text,
    offset,
    cause,
  );
}

function tooDeep(text: string, offset: number, cause?: unknown): ExpressionError {
  return new ExpressionError(
    `the expression is nested deeper than ${MAX_DEPTH}, GitHub's limit`,
    text,
    offset,
    cause,
  );
}

function refuseDeep(tree: Expr, text: string): void {
  const open: (readonly [Expr, number])[] = [[tree, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [expr, depth] = next;
    if (depth > MAX_DEPTH) throw tooDeep(text, 0);
    for (const child of childrenOf(expr)) open.push([child, depth + 1]);
  }
}

/** The text of a tree that is one string and nothing else; undefined for all others. */
export function literalText(tree: Expr): string | undefined {
  return tree instanceof Literal && tree.literal instanceof data.StringData ? tree.literal.value : undefined;
}
