/** The functions of GitHub's expressions: actions/runner Sdk/Functions/*.cs. Arguments are evaluated only when they are needed. */

import type { Yaml } from "../plan.ts";
import { equals, fold, isPrimitive, toText } from "./coerce.ts";
import { formatText } from "./format.ts";
import { readJson, writeJson } from "./json.ts";
import type { Meter } from "./meter.ts";

/** Evaluates the argument at this place; null when it was not given. */
export type Argument = (at: number) => Yaml;

type Call = { readonly count: number; readonly argument: Argument; readonly meter: Meter };

/** What a list or map weighs in a comparison. */
const COMPARE_BYTES = 8;

/** By lower-case name. They throw TypeError and TooMuch with a message for people; the evaluator gives it a place. */
export const FUNCTIONS: ReadonlyMap<string, (call: Call) => Yaml> = new Map([
  ["case", chooseCase],
  ["contains", contains],
  ["endswith", (call: Call) => matchEnds(call, (text, part) => text.endsWith(part))],
  ["format", (call: Call) => formatText(textOf(call, 0), call)],
  ["fromjson", (call: Call) => readJson(textOf(call, 0))],
  ["join", join],
  ["startswith", (call: Call) => matchEnds(call, (text, part) => text.startsWith(part))],
  ["tojson", (call: Call) => writeJson(call.argument(0), call.meter)],
]);

function chooseCase({ count, argument }: Call): Yaml {
  for (let at = 0; at < count - 1; at += 2) {
    const condition = argument(at);
    if (typeof condition !== "boolean")
      throw new TypeError(
        `case: condition ${at / 2 + 1} is not true or false; compare with == or negate with !`,
      );
    if (condition) return argument(at + 1);
  }
  return argument(count - 1);
}

function contains({ argument, meter }: Call): Yaml {
  const where = argument(0);
  if (isPrimitive(where)) {
    const what = argument(1);
    return isPrimitive(what) && folded(where, meter).includes(folded(what, meter));
  }
  if (!Array.isArray(where) || where.length === 0) return false;
  const what = argument(1);
  return where.some((item: Yaml) => {
    meter.work(COMPARE_BYTES);
    if (typeof item === "string") meter.text(item);
    if (typeof what === "string") meter.work(what.length);
    return equals(what, item);
  });
}

function matchEnds(call: Call, matches: (text: string, part: string) => boolean): Yaml {
  const text = call.argument(0);
  if (!isPrimitive(text)) return false;
  const part = call.argument(1);
  return isPrimitive(part) && matches(folded(text, call.meter), folded(part, call.meter));
}

function join(call: Call): Yaml {
  const list = call.argument(0);
  if (isPrimitive(list)) return call.meter.text(toText(list));
  if (!Array.isArray(list)) return "";
  const given = list.length > 1 && call.count > 1 ? call.argument(1) : ",";
  const separator = isPrimitive(given) ? toText(given) : ",";
  const { add } = call.meter.collector();
  const items = list.map((item: Yaml, at) => {
    const text = toText(item);
    if (at > 0) add(separator);
    add(text);
    return text;
  });
  return items.join(separator);
}

function textOf(call: Call, at: number): string {
  return call.meter.text(toText(call.argument(at)));
}

function folded(value: Yaml, meter: Meter): string {
  return fold(meter.text(toText(value)));
}
