import type { Clock } from "../clock.ts";
import { toAppError, type AppError, type ErrorCode } from "../errors.ts";
import type { RunId } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Signals } from "./pipeline-deps.ts";

/** A process that died is noticed after this, or at once by its older fence. */
const CLAIM_MS = 60_000;
const RENEW_MS = CLAIM_MS / 3;
/** Also asked without a wake: for runs put back with a time, and claims of dead processes. */
const POLL_MS = 1_000;
/** Runs whose report waits for GitHub hold no worker; this bounds the memory they take. */
const MAX_REPORTING = 2_000;
/** A run whose work threw is taken up again after this. */
const FAILED_PAUSE_MS = 5_000;
/** A defect that comes back so often will come back for ever: the run ends as `internal`. */
const MAX_FAILURES = 5;
/** What passes by itself: the run waits for it, longer each time, instead of ending. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  "github_failed",
  "github_limited",
  "disk_full",
  "store_locked",
]);
const OUTAGE_PAUSE_MAX_MS = 60_000;
/** GitHub's longest outages lasted about a day; then somebody wants an answer, whatever it is. */
const OUTAGE_MAX_MS = 24 * 3_600_000;

export type WorkerDeps = {
  readonly store: Pick<Store, "runs">;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: { readonly workers: number; readonly concurrency: number };
  /** `onReporting`: only the report is left to do, which waits for GitHub and needs no worker. */
  readonly work: (run: Run, signals: Signals, onReporting: () => void) => Promise<void>;
};

export type Worker = {
  /** Something may be claimable now. */
  wake(): void;
  /** The run's row asks for its end. */
  cancel(runId: RunId): void;
  /** Stops claiming, lets go of what is at work, and answers when all have let go. */
  drain(): Promise<void>;
  /** Runs at work now. */
  active(): number;
};

/** Claims runs and works each, up to `limits.workers` at once; a fault of one never stops another. */
export function startWorker(deps: WorkerDeps): Worker {
  const drain = new AbortController();
  const active = new Map<RunId, { readonly cancel: AbortController; readonly done: Promise<void> }>();
  const reporting = new Set<RunId>();
  const failures = new Map<RunId, { readonly times: number; readonly since: number }>();
  let wanted = true;
  let wakeUp: (() => void) | null = null;

  const wake = () => {
    wanted = true;
    wakeUp?.();
  };

  async function one(run: Run, cancel: AbortController): Promise<void> {
    try {
      await deps.work(run, { drain: drain.signal, cancelled: cancel.signal }, () => {
        reporting.add(run.id);
        wake();
      });
      failures.delete(run.id);
    } catch (error) {
      if (drain.signal.aborted) return;
      deps.log.error({ err: error, run: run.id }, "the work on a run failed; it is taken up again");
      const now = deps.clock.now();
      const before = failures.get(run.id);
      const { times, since } = { times: (before?.times ?? 0) + 1, since: before?.since ?? now };
      failures.set(run.id, { times, since });
      const failure = toAppError(error);
      const isOutage = OUTAGES.has(failure.code) && now - since < OUTAGE_MAX_MS;
      if (times >= MAX_FAILURES && !isOutage) await giveUp(run.id, failure);
      const pauseMs = Math.min(FAILED_PAUSE_MS * (isOutage ? times : 1), OUTAGE_PAUSE_MAX_MS);
      await deps.store.runs.unclaim(run.id, now + pauseMs);
    }
  }

  async function giveUp(runId: RunId, failure: AppError): Promise<void> {
    const run = await deps.store.runs.get(runId);
    if (run === null || run.state === "reporting" || run.state === "done") return;
    const message = `The App failed ${MAX_FAILURES} times while it worked on this run. Last: ${failure.message}`;
    const detail = { message, hint: failure.hint };
    await deps.store.runs.change(runId, run.state, "reporting", { outcome: "internal", detail });
    failures.delete(runId);
  }

  function take(run: Run): void {
    const cancel = new AbortController();
    if (run.cancel !== null) cancel.abort();
    const renewal = setInterval(() => {
      deps.store.runs
        .renew(run.id, CLAIM_MS)
        .catch((error: unknown) =>
          deps.log.warn({ err: error, run: run.id }, "a claim could not be renewed"),
        );
    }, RENEW_MS);
    const done = one(run, cancel)
      .catch((error: unknown) => deps.log.error({ err: error, run: run.id }, "a run could not be put back"))
      .finally(() => {
        clearInterval(renewal);
        active.delete(run.id);
        reporting.delete(run.id);
        wake();
      });
    active.set(run.id, { cancel, done });
  }

  async function loop(): Promise<void> {
    while (!drain.signal.aborted) {
      wanted = false;
      const working = active.size - Math.min(reporting.size, MAX_REPORTING);
      const free = deps.limits.workers - working;
      const runs = free > 0 ? await deps.store.runs.claim(free, deps.limits.concurrency, CLAIM_MS) : [];
      for (const run of runs) if (!active.has(run.id)) take(run);
      if (wanted || (runs.length > 0 && runs.length === free)) continue;
      await Promise.race([new Promise<void>((resolve) => (wakeUp = resolve)), deps.clock.sleep(POLL_MS)]);
    }
  }

  async function supervise(): Promise<void> {
    while (!drain.signal.aborted) {
      try {
        await loop();
      } catch (error) {
        deps.log.error({ err: error }, "claiming runs failed");
        await deps.clock.sleep(POLL_MS);
      }
    }
  }

  const running = supervise();
  return {
    wake,
    cancel: (runId) => active.get(runId)?.cancel.abort(),
    async drain() {
      drain.abort();
      wake();
      await Promise.all([running, ...[...active.values()].map((entry) => entry.done)]);
    },
    active: () => active.size,
  };
}
