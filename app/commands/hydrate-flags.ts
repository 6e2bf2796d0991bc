import type { HydrateAsked } from "../hydrate/hydrate-asked.ts";
import { forbiddenCharacter } from "../plain-text.ts";
import { MAX_JOB_CHARS, MAX_MATRIX_KEYS } from "../repo-config/hydrate-keys.ts";
import { hydrateAsked } from "../repo-config/narrow.ts";
import { echo, type Flag, type FlagValue } from "./flags.ts";

export const MATRIX_FLAG: Flag = {
  name: "matrix",
  value: "K=V",
  summary: "Of the job's matrix the first combination with this value; may be repeated.",
  isMany: true,
};

/** Flags that name another job than `hydrate`, or say more about it. */
export const HYDRATE_FLAGS: readonly Flag[] = [
  { name: "workflow", value: "W", summary: "Prepare the box by a job of this workflow of the base branch." },
  { name: "job", value: "J", summary: "Prepare the box by this job's steps instead of the job `hydrate`." },
  MATRIX_FLAG,
  { name: "needs", summary: "Run the jobs that it needs first, on the same box." },
];

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
type Flags = ReadonlyMap<string, FlagValue>;

/** The workflow and job that a command names, and what it says about them; null when it says nothing. */
export function readHydrate(flags: Flags): Read<HydrateAsked | null> {
  const named = { workflow: textOf(flags, "workflow"), job: textOf(flags, "job") };
  if ([named.workflow, named.job].some((one) => (one ?? "").length > MAX_JOB_CHARS))
    return { ok: false, message: `\`--workflow\` and \`--job\` take at most ${MAX_JOB_CHARS} characters.` };
  const matrix = readMatrix(flags);
  if (!matrix.ok) return matrix;
  const needs = flags.get("needs") === true;
  const isNone = named.workflow === undefined && named.job === undefined && matrix.value === null && !needs;
  const asked = { ...named, ...(matrix.value === null ? {} : { matrix: matrix.value }), needs };
  return { ok: true, value: isNone ? null : hydrateAsked(asked, "name") };
}

/** The values of `--matrix`, by their keys; null without any. */
export function readMatrix(flags: Flags): Read<Readonly<Record<string, string>> | null> {
  const given = flags.get("matrix");
  if (!Array.isArray(given)) return { ok: true, value: null };
  const pairs: (readonly [string, string])[] = [];
  for (const text of given as readonly string[]) {
    const at = text.indexOf("=");
    const key = text.slice(0, Math.max(0, at));
    if (key === "" || text.length > MAX_JOB_CHARS || forbiddenCharacter(text) !== null)
      return { ok: false, message: `\`--matrix\` needs \`KEY=VALUE\`, not ${echo(text)}.` };
    if (pairs.some(([other]) => other.toLowerCase() === key.toLowerCase()))
      return { ok: false, message: `\`--matrix\` names ${echo(key)} twice.` };
    pairs.push([key, text.slice(at + 1)]);
  }
  if (pairs.length > MAX_MATRIX_KEYS)
    return { ok: false, message: `\`--matrix\` may stand there ${MAX_MATRIX_KEYS} times at most.` };
  return { ok: true, value: Object.fromEntries(pairs) };
}

/** A flag's text; undefined without it. */
export function textOf(flags: Flags, name: string): string | undefined {
  const typed = flags.get(name);
  return typeof typed === "string" ? typed : undefined;
}
