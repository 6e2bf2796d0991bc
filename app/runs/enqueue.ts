import type { Clock } from "../clock.ts";
import type { CancelRequest, Run } from "../store/rows.ts";
import type { EndedRun, NewRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { LogLinker } from "./log-link.ts";
import type { Worker } from "./worker.ts";

export type EnqueueDeps = {
  readonly store: Pick<Store, "runs">;
  readonly links: LogLinker;
  readonly worker: () => Pick<Worker, "wake" | "cancel">;
  readonly report: { touch(runId: Run["id"]): void };
};

/**
 * Queues a run (or holds it, law 11) and sets everybody to work on it. The same source key again answers the first run and starts nothing. With `ended` it is
 * only reported.
 */
export async function enqueue(deps: EnqueueDeps, wanted: NewRun, ended?: EndedRun): Promise<Run> {
  const { run, created } = await deps.store.runs.create(wanted, ended);
  if (created) {
    deps.worker().wake();
    deps.report.touch(run.id);
  }
  // Also for a run that was there: an earlier process may have died right before this.
  await deps.links.issue(run.id);
  return run;
}

/** Runs that an approval let into the queue: a worker takes them up, and their reports follow. Safe to repeat. */
export function released(deps: Pick<EnqueueDeps, "worker" | "report">, runs: readonly Run[]): void {
  for (const run of runs) deps.report.touch(run.id);
  if (runs.length > 0) deps.worker().wake();
}

/**
 * Asks a run to end. A queued one ends here and now; one at work is told, and ends when its task has. Answers false when it had
 * already come to its outcome. Safe to repeat: the first request's reason stays.
 */
export async function cancelRun(
  deps: EnqueueDeps & { readonly clock: Clock },
  run: Run,
  request: Omit<CancelRequest, "at">,
): Promise<boolean> {
  const asked = await deps.store.runs.cancel(run.id, { ...request, at: deps.clock.now() });
  if (asked === null) return false;
  const { outcome, reason } = asked.cancel ?? request;
  if (asked.state === "queued" || asked.state === "held") {
    await deps.store.runs.change(asked.id, asked.state, "reporting", {
      outcome,
      detail: { message: reason },
    });
  }
  deps.worker().cancel(run.id);
  deps.worker().wake();
  deps.report.touch(run.id);
  return true;
}
