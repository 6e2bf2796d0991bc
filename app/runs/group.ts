import type { CancelRequest, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

/** A run that waits for older ones of its check asks again after this. */
export const GROUP_PAUSE_MS = 2_000;

type GroupDeps = { readonly store: { readonly runs: Pick<Store["runs"], "unfinished"> } };

/**
 * The older run of the same check and pull request that this one waits for; null when it may start. Only older ones count, in their
 * order of arrival, so that two can never wait for each other.
 */
export async function waitsFor(deps: GroupDeps, run: Run): Promise<Run | null> {
  const { group } = run.options;
  if (group === undefined) return null;
  const older = await olderOf(deps, run);
  // Held ones wait for a person, reported ones need no box.
  const ahead = older.filter(({ state }) => state === "queued" || state === "leasing" || state === "running");
  return ahead.length < group.max ? null : (ahead[0] ?? null);
}

/**
 * With `cancel-previous`: asks older runs of the same check and pull request to end, all but the newest that may go on beside this
 * one. Safe to repeat. Answers how many were asked.
 */
export async function endPrevious(
  deps: GroupDeps & {
    readonly cancelRun: (run: Run, request: Omit<CancelRequest, "at">) => Promise<boolean>;
  },
  run: Run,
): Promise<number> {
  const { group } = run.options;
  if (group?.mode !== "cancel-previous") return 0;
  const older = await olderOf(deps, run);
  const over = older.slice(0, Math.max(0, older.length - (group.max - 1)));
  let asked = 0;
  for (const one of over) {
    const isAsked = await deps.cancelRun(one, {
      outcome: "superseded",
      by: run.actor,
      reason: `A newer run of this check was asked for: ${run.id}.`,
      cause: run.sourceKey,
    });
    if (isAsked) asked += 1;
  }
  return asked;
}

async function olderOf(deps: GroupDeps, run: Run): Promise<readonly Run[]> {
  if (run.pullRequest === null) return [];
  const of = { repositoryId: run.repositoryId, pullRequest: run.pullRequest };
  const unfinished = (await deps.store.runs.unfinished(of)).filter(
    ({ checkName }) => checkName === run.checkName,
  );
  const at = unfinished.findIndex(({ id }) => id === run.id);
  return at === -1 ? [] : unfinished.slice(0, at);
}
