/** How values become text, numbers and truth, and how they compare: actions/runner EvaluationResult.cs and ExpressionUtility.cs. */

import type { Yaml } from "../plan.ts";

/** Significant digits of a number as text: .NET's format G15 (ExpressionConstants.cs, NumberFormat). */
const NUMBER_DIGITS = 15;

/** G15 writes an exponent from here on, and below the other. */
const EXPONENT_FROM = 15;
const EXPONENT_BELOW = -5;

/** Largest and smallest number that GitHub's hexadecimal and octal can name: 32 bits. */
const INT32_BITS = 0xff_ff_ff_ff;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Neither array nor map. */
export function isPrimitive(value: Yaml): value is null | boolean | number | string {
  return value === null || typeof value !== "object";
}

/** A map. */
export function isMap(value: Yaml): value is { readonly [key: string]: Yaml } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** As text in text: null is nothing, an array is the word `Array`, a map the word `Object`. */
export function toText(value: Yaml): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "Array" : "Object";
}

/** As number: null 0, true 1, text by `parseNumber`, collections NaN. */
export function toNumber(value: Yaml): number {
  if (value === null) return 0;
  if (typeof value === "string") return parseNumber(value);
  return isPrimitive(value) ? Number(value) : Number.NaN;
}

/** The number a text names: decimal, `0x`, `0o`, Infinity; nothing is 0; anything else NaN. */
export function parseNumber(text: string): number {
  const trimmed = text.trim();
  if (trimmed === "") return 0;
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  if (/^0x[\da-f]+$/i.test(trimmed) && trimmed[1] === "x") return int32(Number(trimmed));
  if (/^0o[0-7]+$/.test(trimmed)) return int32(Number(trimmed));
  const infinity = /^([+-]?)infinity$/i.exec(trimmed);
  if (infinity !== null) return infinity[1] === "-" ? -Infinity : Infinity;
  return Number.NaN;
}

/** False, 0, NaN, null and empty text are false; everything else, empty arrays and maps too, is true. */
export function isTruthy(value: Yaml): boolean {
  return typeof value === "number" ? value !== 0 && !Number.isNaN(value) : Boolean(value);
}

/** `==`: text without regard to case, arrays and maps only with themselves, different kinds as numbers. */
export function equals(left: Yaml, right: Yaml): boolean {
  const [a, b] = alike(left, right);
  if (typeof a === "string" && typeof b === "string") return fold(a) === fold(b);
  return a === b;
}

/** Below 0 when left is less, above when greater, 0 for neither; NaN where the two cannot be ordered. */
export function compare(left: Yaml, right: Yaml): number {
  const [a, b] = alike(left, right);
  if (typeof a === "string" && typeof b === "string") return order(fold(a), fold(b));
  if (typeof a === "number" && typeof b === "number")
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : order(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  return Number.NaN;
}

/** Upper case letter by letter, as .NET's OrdinalIgnoreCase: no letter becomes two; dotless i and long s stay. */
export function fold(text: string): string {
  // oxlint-disable-next-line no-control-regex -- all of ASCII is meant
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toUpperCase();
  return text.replaceAll(/[^ıſ]/gu, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === letter.length ? upper : letter;
  });
}

function alike(left: Yaml, right: Yaml): readonly [Yaml, Yaml] {
  if (kind(left) === kind(right)) return [left, right];
  if (!isPrimitive(left) || !isPrimitive(right)) return [false, null];
  return [toNumber(left), toNumber(right)];
}

function kind(value: Yaml): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function order(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const [mantissa = "", exponentText = ""] = value.toExponential(NUMBER_DIGITS - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent < EXPONENT_FROM && exponent >= EXPONENT_BELOW)
    return String(Number(value.toPrecision(NUMBER_DIGITS)));
  const sign = exponent < 0 ? "-" : "+";
  return `${String(Number(mantissa))}E${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function int32(value: number): number {
  return value > INT32_BITS ? Number.NaN : value | 0;
}
