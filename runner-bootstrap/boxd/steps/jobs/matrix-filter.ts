import { equals, isMap } from "../expressions/coerce.ts";
import type { Yaml, YamlMap } from "../plan.ts";

/** A matrix that makes no jobs. */
export type MatrixFault = { readonly kind: "fault"; readonly message: string; readonly hint: string };

export type Combination = { readonly values: YamlMap | null; readonly shown: readonly string[] };

/** True when every text, number or boolean that the filter names is equal in the combination, by the rules of `==` in expressions. */
export function matches(filter: YamlMap, values: YamlMap): boolean {
  return agrees(filter, values);
}

function agrees(filter: Yaml, value: Yaml): boolean {
  if (Array.isArray(filter))
    return (filter as readonly Yaml[]).every((one, index) =>
      agrees(one, Array.isArray(value) ? (value[index] ?? null) : null),
    );
  if (isMap(filter)) return Object.entries(filter).every(([name, one]) => agrees(one, ofName(value, name)));
  return equals(value, filter);
}

/** Names of properties ignore case. */
function ofName(value: Yaml, name: string): Yaml {
  if (!isMap(value)) return null;
  if (Object.hasOwn(value, name)) return value[name] ?? null;
  const found = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? null : (value[found] ?? null);
}
