import { refusalText } from "../hydrate/hydrate-plan.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { Repository, Run } from "../store/rows.ts";
import { finish, type PipelineDeps, type Signals } from "./pipeline-deps.ts";

/**
 * How long a run that found no capacity rests before it asks again: longer the longer it has waited, since each time makes a lease and
 * asks a provider. A lease that ends calls the next ones at once.
 */
const CAPACITY_PAUSE_MS = 2_000;
const CAPACITY_PAUSE_MAX_MS = 30_000;
/** Of the time waited so far: who waits an hour may wait half a minute more. */
const CAPACITY_PAUSE_SHARE = 1 / 8;
/** Longer for untrusted code: each time costs some calls to GitHub, of its 5,000 an hour. */
const UNTRUSTED_PAUSE_MS = 10_000;

const JOB_HINT =
  "Mend the workflow on the base branch, or ask for another job; then comment `/crabbox retry`.";

/** `leasing`: a box and an attempt on it, a place further back in the queue, or the end. Safe to repeat. */
export async function takeBox(
  deps: PipelineDeps,
  run: Run,
  repository: Repository,
  signals: Signals,
): Promise<Run | null> {
  const attempts = await deps.store.attempts.ofRun(run.id);
  if (attempts.some((attempt) => attempt.state !== "ended"))
    return deps.store.runs.change(run.id, "leasing", "running");
  const plan = await deps.hydration(run, repository);
  if (plan.kind === "refused") {
    const outcome = run.options.job === undefined ? "hydrate_failed" : "failed";
    return finish(deps, run, outcome, {
      message: `${refusalText(plan)} Nothing was run.`,
      ...(run.options.job === undefined ? {} : { hint: JOB_HINT }),
    });
  }
  if (plan.kind === "skipped")
    return finish(deps, run, "skipped", { message: `The job is skipped: ${plan.reason}. Nothing was run.` });
  const acquired = await abortable(signals, (signal) => deps.acquire(run, repository, signal));
  if (acquired === "cancelled") {
    await releaseHeld(deps, run);
    return cancelled(deps, run);
  }
  switch (acquired.kind) {
    case "wait": {
      const queued = await deps.store.runs.change(run.id, "leasing", "queued", {
        detail: { message: acquired.why },
      });
      const now = deps.clock.now();
      const leastMs = isUntrusted(run.trustDomain) ? UNTRUSTED_PAUSE_MS : CAPACITY_PAUSE_MS;
      const waitedMs = (now - run.createdAt) * CAPACITY_PAUSE_SHARE;
      const pauseMs = Math.max(leastMs, Math.min(waitedMs, CAPACITY_PAUSE_MAX_MS));
      await deps.store.runs.unclaim(run.id, Math.round(now + pauseMs));
      if (queued !== null) deps.report.touch(run.id);
      return null;
    }
    case "ended":
      return finish(deps, run, acquired.outcome, acquired.detail);
    case "ready": {
      const made = await deps.store.attempts.create({
        id: deps.ids.attempt(),
        runId: run.id,
        n: attempts.length + 1,
        leaseId: acquired.lease.id,
      });
      // Another run took the warm lease in between: ask again.
      return made === null ? run : deps.store.runs.change(run.id, "leasing", "running");
    }
  }
}

async function cancelled(deps: PipelineDeps, run: Run): Promise<Run | null> {
  const latest = (await deps.store.runs.get(run.id)) ?? run;
  return finish(deps, run, latest.cancel?.outcome ?? "cancelled", {
    message: latest.cancel?.reason ?? "Cancelled.",
  });
}

/** Gives back what the run holds but never used. Safe to repeat. */
export async function releaseHeld(deps: Pick<PipelineDeps, "store" | "release">, run: Run): Promise<void> {
  for (const lease of await deps.store.leases.live({ holder: { kind: "run", key: run.id } })) {
    await deps.release(lease.id, "released");
  }
}

async function abortable<T>(
  signals: Signals,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | "cancelled"> {
  try {
    return await work(AbortSignal.any([signals.drain, signals.cancelled]));
  } catch (thrown) {
    signals.drain.throwIfAborted();
    if (signals.cancelled.aborted) return "cancelled";
    throw thrown;
  }
}
