import type { Scope } from "../expressions/scope.ts";
import type { YamlMap } from "../plan.ts";
import type { Ended, JobsState } from "./types.ts";

type Needing = { readonly id: string; readonly needs: readonly string[] };

/** All jobs that a job waits for, directly or through others. */
export function ancestorsOf(jobs: readonly Needing[], job: Needing): readonly string[] {
  const byId = new Map(jobs.map((one) => [one.id, one]));
  const found = new Set<string>();
  const queue = [...job.needs];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    queue.push(...(byId.get(id)?.needs ?? []));
  }
  return [...found];
}

/** Jobs so that each stands behind those it needs, in the file's order otherwise; a circle's jobs stand last. */
export function inNeedsOrder<J extends Needing>(jobs: readonly J[]): readonly J[] {
  const left = [...jobs];
  const ordered: J[] = [];
  const done = new Set<string>();
  for (;;) {
    const at = left.findIndex(({ needs }) => needs.every((id) => done.has(id)));
    const [next] = at < 0 ? [] : left.splice(at, 1);
    if (next === undefined) return [...ordered, ...left];
    ordered.push(next);
    done.add(next.id);
  }
}

/**
 * The status functions of a job's `if`: they look at every job above it, as GitHub documents ("Status check functions": a failure or
 * skip goes down the whole chain).
 */
export function statusOf(ancestors: readonly string[], state: JobsState): NonNullable<Scope["status"]> {
  const results = ancestors.map((id) => state.ended.get(id)?.result ?? "skipped");
  return {
    success: () => !state.cancelled && results.every((result) => result === "success"),
    failure: () => !state.cancelled && results.includes("failure"),
    cancelled: () => state.cancelled,
  };
}

/** The context `needs`, by the ids the file uses (without the caller's name in front). */
export function needsContext(
  needs: readonly { readonly id: string; readonly full: string }[],
  ended: ReadonlyMap<string, Ended>,
): YamlMap {
  return Object.fromEntries(
    needs.map(({ id, full }) => {
      const had = ended.get(full);
      return [id, { result: had?.result ?? "skipped", outputs: had?.outputs ?? {} }];
    }),
  );
}
