import { isMap, toText } from "../expressions/coerce.ts";
import type { Yaml } from "../plan.ts";

/** Which machine a job asks for. */
export type RunnerWanted = { readonly labels: readonly string[]; readonly group: string | null };

/** `runs-on` with its expressions evaluated: a label, a list of labels, or a map of `group` and `labels`. */
export function runnerOf(value: Yaml): RunnerWanted {
  if (isMap(value)) {
    const group = value["group"];
    return { labels: labelsOf(value["labels"] ?? null), group: group === undefined ? null : toText(group) };
  }
  return { labels: labelsOf(value), group: null };
}

function labelsOf(value: Yaml): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Yaml[]).map(toText).filter((one) => one !== "");
  const text = toText(value);
  return text === "" ? [] : [text];
}
