/** `toJSON` and `fromJSON`. */

import type { Yaml } from "../plan.ts";
import { isMap, toText } from "./coerce.ts";
import type { Meter } from "./meter.ts";
import { TooMuch } from "./meter.ts";

/** Deepest JSON either way: the limit of the reader in the official runner (Newtonsoft.Json 13, MaxDepth). */
const JSON_MAX_DEPTH = 64;

/** .NET's writer escapes these beside what JSON itself must escape. */
const ALSO_ESCAPED = /[\u0085\u2028\u2029]/g;

/** JSON with two spaces and `: `, as ToJson.cs writes it. Throws TooMuch on what is too large or too deep. */
export function writeJson(value: Yaml, meter: Meter): string {
  const { add } = meter.collector();
  const parts: string[] = [];
  const put = (part: string): void => {
    add(part);
    parts.push(part);
  };
  const write = (value: Yaml, depth: number): void => {
    if (depth > JSON_MAX_DEPTH)
      throw new TooMuch(`toJSON: the value is nested deeper than ${JSON_MAX_DEPTH}`);
    const entries = Array.isArray(value)
      ? value.map((item: Yaml) => ["", item] as const)
      : isMap(value)
        ? Object.entries(value).map(([key, item]) => [`${quoted(key)}: `, item] as const)
        : undefined;
    if (entries === undefined) return put(scalar(value));
    const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    if (entries.length === 0) return put(open + close);
    for (const [at, [key, item]] of entries.entries()) {
      put(`${at === 0 ? open : ","}\n${"  ".repeat(depth + 1)}${key}`);
      write(item, depth + 1);
    }
    put(`\n${"  ".repeat(depth)}${close}`);
  };
  write(value, 0);
  return parts.join("");
}

/**
 * The value of a JSON text. Throws a TypeError whose message says where it is wrong, without the text itself: it may be a secret.
 */
export function readJson(text: string): Yaml {
  if (text.trim() === "") throw new TypeError("fromJSON: the text is empty, and empty text is no JSON");
  if (depthOf(text) > JSON_MAX_DEPTH)
    throw new TypeError(`fromJSON: the JSON is nested deeper than ${JSON_MAX_DEPTH}, GitHub's limit`);
  try {
    return JSON.parse(text) as Yaml;
  } catch {
    throw new TypeError(`fromJSON: this text of ${text.length} characters is no JSON${hint(text)}`);
  }
}

function scalar(value: Yaml): string {
  if (value === null) return "null";
  return typeof value === "string" ? quoted(value) : toText(value);
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    ALSO_ESCAPED,
    (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === "[" || token === "{") most = Math.max(most, (depth += 1));
    else if (token === "]" || token === "}") depth -= 1;
  }
  return most;
}

function hint(text: string): string {
  const start = text.trimStart();
  if (/^[[{]\s*'/.test(start)) return "; names and text in JSON stand in double quotes";
  if (/,\s*[\]}]\s*$/.test(text)) return "; a comma stands before its last bracket";
  return /^[A-Za-z]/.test(start) ? "; plain text must stand in double quotes" : "";
}
