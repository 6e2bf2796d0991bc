import { isMap, toText } from "../expressions/coerce.ts";
import type { Yaml, YamlMap } from "../plan.ts";
import { matches, type Combination, type MatrixFault } from "./matrix-filter.ts";

/** Jobs that one matrix may make: GitHub's limit ("Workflow syntax", `strategy.matrix`). */
export const MAX_COMBINATIONS = 256;
/** Names of a job are cut here: actions/runner JobNameBuilder.cs. */
const MAX_NAME_CHARS = 100;

/** One run of a job: what its `matrix` and `strategy` contexts hold, and what its name shows in brackets. */
export type Leg = {
  readonly matrix: YamlMap | null;
  readonly strategy: YamlMap;
  readonly shown: readonly string[];
};

export type Strategy =
  | { readonly kind: "legs"; readonly failFast: boolean; readonly legs: readonly Leg[] }
  | MatrixFault;

/**
 * The runs of a job by its `strategy`, all expressions in it evaluated, in GitHub's order (actions/runner MatrixBuilder.cs): the product,
 * first key slowest, without what `exclude` names; each `include` adds to those it agrees with, and makes a run of its own when there is
 * none. At least one run, or the fault.
 */
export function expandStrategy(strategy: Yaml | undefined): Strategy {
  if (strategy === undefined || strategy === null) return legsOf([{ values: null, shown: [] }], {});
  if (!isMap(strategy))
    return fault("The strategy is not a map.", "It holds `matrix`, `fail-fast` and `max-parallel`.");
  const matrix = strategy["matrix"];
  if (matrix === undefined) return legsOf([{ values: null, shown: [] }], strategy);
  if (!isMap(matrix)) return fault(`The matrix is ${kindOf(matrix)}.`, "A matrix is a map of lists.");
  const expanded = expandMatrix(matrix);
  return expanded.kind === "fault" ? expanded : legsOf(expanded.combinations, strategy);
}

/** A job's name as GitHub shows it: given with an expression it stands as it is, otherwise the matrix's values follow in brackets. */
export function shownName(id: string, name: string | undefined, leg: Pick<Leg, "shown">): string {
  if (name?.includes("${{") === true) return name;
  const base = name === undefined || name === "" ? id : name;
  const whole = leg.shown.length === 0 ? base : `${base} (${leg.shown.join(", ")})`;
  return whole.length > MAX_NAME_CHARS ? `${whole.slice(0, MAX_NAME_CHARS - 3)}...` : whole;
}

type Expanded =
  | { readonly kind: "combinations"; readonly combinations: readonly Combination[] }
  | MatrixFault;

function expandMatrix(matrix: YamlMap): Expanded {
  const { include, exclude, ...rest } = matrix;
  const vectors: [string, readonly Yaml[]][] = [];
  let size = 1;
  for (const [name, values] of Object.entries(rest)) {
    if (!Array.isArray(values))
      return fault(`The matrix's \`${name}\` is ${kindOf(values)}.`, "It must be a list of values.");
    if (values.length === 0)
      return fault(`The matrix's \`${name}\` has no values.`, "A list with nothing in it makes no job.");
    vectors.push([name, values]);
    size *= values.length;
    // Exclusions could bring a larger product back under the limit; this bounds the work.
    if (size > MAX_COMBINATIONS * MAX_COMBINATIONS) return tooMany(size);
  }
  const filters = { include: filterOf(include), exclude: filterOf(exclude) };
  if (filters.include === null || filters.exclude === null)
    return fault("`include` or `exclude` is no list of maps.", "Each item names keys with their values.");
  if (vectors.length === 0 && filters.include.length === 0)
    return fault(
      "The matrix has neither a list of values nor anything in `include`.",
      "It needs at least one.",
    );
  const names = new Set(vectors.map(([name]) => name.toLowerCase()));
  for (const one of filters.exclude) {
    const stray = Object.keys(one).find((name) => !names.has(name.toLowerCase()));
    if (stray !== undefined)
      return fault(
        `\`exclude\` names \`${stray}\`, which is no key of the matrix.`,
        `Keys are: ${vectors.map(([name]) => name).join(", ")}.`,
      );
  }
  const combinations = combined(vectors, vectors.length === 0 ? 0 : size, filters.include, filters.exclude);
  if (combinations.length === 0)
    return fault("The matrix makes no job: `exclude` takes every combination away.", "Leave at least one.");
  return combinations.length > MAX_COMBINATIONS
    ? tooMany(combinations.length)
    : { kind: "combinations", combinations };
}

function combined(
  vectors: readonly [string, readonly Yaml[]][],
  size: number,
  include: readonly YamlMap[],
  exclude: readonly YamlMap[],
): readonly Combination[] {
  const names = new Set(vectors.map(([name]) => name.toLowerCase()));
  const parts = include.map((one) => ({ whole: one, ...split(one, names), used: false }));
  const result: Combination[] = [];
  for (let index = 0; index < size; index += 1) {
    const values: Record<string, Yaml> = {};
    let block = size;
    for (const [name, list] of vectors) {
      block /= list.length;
      values[name] = list[Math.floor(index / block) % list.length] ?? null;
    }
    if (exclude.some((one) => matches(one, values))) continue;
    const shown = leavesOf(values);
    const extra: Record<string, Yaml> = {};
    for (const part of parts) {
      if (!matches(part.filter, values)) continue;
      part.used = true;
      Object.assign(extra, part.extra);
    }
    result.push({ values: { ...values, ...extra }, shown });
  }
  for (const part of parts)
    if (!part.used) {
      const values = { ...part.filter, ...part.extra };
      result.push({ values, shown: leavesOf(values) });
    }
  return result;
}

function split(
  include: YamlMap,
  names: ReadonlySet<string>,
): { readonly filter: YamlMap; readonly extra: YamlMap } {
  const entries = Object.entries(include);
  return {
    filter: Object.fromEntries(entries.filter(([name]) => names.has(name.toLowerCase()))),
    extra: Object.fromEntries(entries.filter(([name]) => !names.has(name.toLowerCase()))),
  };
}

function filterOf(value: Yaml | undefined): readonly YamlMap[] | null {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return null;
  const list: readonly Yaml[] = value;
  return list.every((one): one is YamlMap => isMap(one) && Object.keys(one).length > 0) ? list : null;
}

/** Texts, numbers and booleans at any depth: they name the job. */
function leavesOf(value: Yaml): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Yaml[]).flatMap(leavesOf);
  if (isMap(value)) return Object.values(value).flatMap(leavesOf);
  const text = toText(value);
  return text === "" ? [] : [text];
}

function legsOf(combinations: readonly Combination[], strategy: YamlMap): Strategy {
  const failFast = strategy["fail-fast"] !== false;
  const most = Number(strategy["max-parallel"] ?? 0);
  const total = combinations.length;
  const legs = combinations.map(({ values, shown }, index) => ({
    matrix: values,
    shown,
    strategy: {
      "fail-fast": failFast,
      "job-index": index,
      "job-total": total,
      "max-parallel": most > 0 ? Math.trunc(most) : total,
    },
  }));
  return { kind: "legs", failFast, legs };
}

function tooMany(size: number): MatrixFault {
  return fault(`The matrix makes ${size} jobs.`, `GitHub makes at most ${MAX_COMBINATIONS} of one.`);
}

function fault(message: string, hint: string): MatrixFault {
  return { kind: "fault", message, hint };
}

function kindOf(value: Yaml): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return isMap(value) ? "a map" : `the ${typeof value} \`${toText(value).slice(0, 40)}\``;
}
