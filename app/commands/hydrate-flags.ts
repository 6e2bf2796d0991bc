import type { HydrateAsked } from "../hydrate/hydrate-asked.ts";
import { MAX_JOB_CHARS } from "../repo-config/hydrate-keys.ts";
import { hydrateAsked } from "../repo-config/narrow.ts";
import type { Flag } from "./flags.ts";

/** Flags that name another job than `hydrate`. */
export const HYDRATE_FLAGS: readonly Flag[] = [
  { name: "workflow", value: "W", summary: "Prepare the box by a job of this workflow of the base branch." },
  { name: "job", value: "J", summary: "Prepare the box by this job's steps instead of the job `hydrate`." },
];

type Read =
  | { readonly ok: true; readonly value: HydrateAsked | null }
  | { readonly ok: false; readonly message: string };

/** The workflow and job that a command names; null when it names none. */
export function readHydrate(flags: ReadonlyMap<string, string | true>): Read {
  const text = (name: string): string | undefined => {
    const typed = flags.get(name);
    return typeof typed === "string" ? typed : undefined;
  };
  const named = { workflow: text("workflow"), job: text("job") };
  if ([named.workflow, named.job].some((one) => (one ?? "").length > MAX_JOB_CHARS))
    return { ok: false, message: `\`--workflow\` and \`--job\` take at most ${MAX_JOB_CHARS} characters.` };
  const isNone = named.workflow === undefined && named.job === undefined;
  return { ok: true, value: isNone ? null : hydrateAsked(named, "name") };
}
