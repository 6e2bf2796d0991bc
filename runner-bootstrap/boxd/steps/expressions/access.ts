/** What `.name`, `[index]` and `.*` find in a value: actions/runner Sdk/Operators/Index.cs. */

import type { Yaml } from "../plan.ts";
import { isMap, isPrimitive, toNumber, toText } from "./coerce.ts";
import type { Meter } from "./meter.ts";

/** Bytes of a place in a list (a pointer). */
const ENTRY_BYTES = 8;

export type Access = {
  /** `.*`: all values of a collection, as a filtered array. */
  readonly all: (from: Yaml) => Yaml;
  /** One value; nothing there is null. On a filtered array: that value of each entry that has it. */
  readonly one: (from: Yaml, index: Yaml) => Yaml;
};

/** Access for one evaluation. Maps in `exact` are looked up by exact case, all others ignore it. */
export function makeAccess(meter: Meter, exact: ReadonlySet<Yaml>): Access {
  const filtered = new WeakSet<readonly Yaml[]>();

  const filter = (values: Iterable<Yaml>): Yaml => {
    const size = meter.collector().size;
    const list: Yaml[] = [];
    for (const value of values) {
      size(ENTRY_BYTES);
      list.push(value);
    }
    filtered.add(list);
    return list;
  };

  const property = (map: { readonly [key: string]: Yaml }, name: string): Yaml | undefined => {
    if (Object.hasOwn(map, name)) return map[name];
    if (exact.has(map)) return undefined;
    const wanted = name.toLowerCase();
    for (const key of Object.keys(map)) {
      meter.work(ENTRY_BYTES);
      if (key.length === name.length && key.toLowerCase() === wanted) return map[key];
    }
    return undefined;
  };

  const pick = (from: Yaml, index: Yaml): Yaml | undefined => {
    if (Array.isArray(from)) return (from as readonly Yaml[])[position(index)];
    return isMap(from) && isPrimitive(index) ? property(from, toText(index)) : undefined;
  };

  return {
    all: (from) => filter(isFiltered(from, filtered) ? from.flatMap(valuesOf) : valuesOf(from)),
    one: (from, index) =>
      isFiltered(from, filtered)
        ? filter(from.map((entry) => pick(entry, index)).filter((found) => found !== undefined))
        : (pick(from, index) ?? null),
  };
}

function isFiltered(value: Yaml, filtered: WeakSet<readonly Yaml[]>): value is readonly Yaml[] {
  return Array.isArray(value) && filtered.has(value);
}

function valuesOf(value: Yaml): readonly Yaml[] {
  if (Array.isArray(value)) return value as readonly Yaml[];
  return isMap(value) ? Object.values(value) : [];
}

function position(index: Yaml): number {
  const number = toNumber(index);
  return number >= 0 ? Math.floor(number) : -1;
}
