import type { Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { HydratePlan } from "../hydrate/workflow.ts";
import type { Ids } from "../ids.ts";
import type { Acquired } from "../leases/acquire.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Log } from "../log.ts";
import type { Attempt, Lease, Repository, Run, RunDetail } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { afterAttempt, leaveBox } from "./after-attempt.ts";
import type { Execution, ExecuteInput } from "./execute.ts";
import { judge, MAX_ATTEMPTS, type Verdict } from "./judge.ts";
import type { Outcome } from "./outcome.ts";
import { planTask } from "./plan.ts";

/** How long a run that found no capacity rests before it asks again. */
const CAPACITY_PAUSE_MS = 2_000;

export type PipelineDeps = {
  readonly store: Pick<Store, "runs" | "attempts" | "leases" | "boxes" | "repositories">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "attempt">;
  readonly log: Log;
  readonly acquire: (run: Run, repository: Repository, signal: AbortSignal) => Promise<Acquired>;
  readonly release: (leaseId: Lease["id"], reason: LeaseEndReason) => Promise<unknown>;
  readonly hydration: (run: Run, repository: Repository) => Promise<HydratePlan>;
  readonly syncToken: (repository: Repository) => Promise<string | null>;
  readonly execute: (input: ExecuteInput, signals: Signals) => Promise<Execution>;
  readonly sweep: (attempt: Attempt) => void;
  readonly report: {
    touch(runId: Run["id"]): void;
    final(runId: Run["id"], signal: AbortSignal): Promise<void>;
  };
  readonly settings: {
    readonly webUrl: string;
    readonly env: Readonly<Record<string, string>>;
    readonly logCapBytes: number;
    readonly queueWaitMs: number;
  };
};

/** `drain`: let go and leave everything as it is. `cancelled`: somebody asked this run to end. */
export type Signals = { readonly drain: AbortSignal; readonly cancelled: AbortSignal };

/**
 * Takes a claimed run from whatever state it is in to `done`, one stored change at a time; safe to start again at any point. Answers
 * early when the run was put back into the queue.
 */
export async function workRun(
  deps: PipelineDeps,
  claimed: Run,
  signals: Signals,
  onReporting: () => void,
): Promise<void> {
  const repository = await deps.store.repositories.get(claimed.repositoryId);
  if (repository === null)
    throw new AppError(
      "internal",
      `Run ${claimed.id} has no repository.`,
      "Restore the store from a backup.",
    );
  let run: Run | null = claimed;
  while (run !== null && run.state !== "done") {
    signals.drain.throwIfAborted();
    if (run.state === "reporting") onReporting();
    run = await step(deps, run, repository, signals);
    if (run !== null) deps.report.touch(run.id);
  }
}

async function step(
  deps: PipelineDeps,
  run: Run,
  repository: Repository,
  signals: Signals,
): Promise<Run | null> {
  switch (run.state) {
    case "queued":
      return begin(deps, run);
    case "leasing":
      return takeBox(deps, run, repository, signals);
    case "running":
      return useBox(deps, run, repository, signals);
    case "reporting":
      await deps.report.final(run.id, signals.drain);
      return deps.store.runs.change(run.id, "reporting", "done");
    case "held":
    case "done":
      return null;
  }
}

async function begin(deps: PipelineDeps, run: Run): Promise<Run | null> {
  if (run.cancel !== null) return finish(deps, run, run.cancel.outcome, { message: run.cancel.reason });
  const waitedMs = deps.clock.now() - run.createdAt;
  if (waitedMs > deps.settings.queueWaitMs) {
    return finish(deps, run, "no_capacity", {
      message: `No box became free in ${Math.round(waitedMs / 60_000)} minutes.`,
    });
  }
  return deps.store.runs.change(run.id, "queued", "leasing");
}

async function takeBox(
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
    const message = `${plan.path}, step "${plan.step}": ${plan.reason}. Nothing was run.`;
    return finish(deps, run, "hydrate_failed", { message });
  }
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
      await deps.store.runs.unclaim(run.id, deps.clock.now() + CAPACITY_PAUSE_MS);
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

async function useBox(
  deps: PipelineDeps,
  run: Run,
  repository: Repository,
  signals: Signals,
): Promise<Run | null> {
  const attempt = (await deps.store.attempts.ofRun(run.id)).at(-1);
  const lease = attempt === undefined ? null : await deps.store.leases.get(attempt.leaseId);
  const box = lease === null ? null : await deps.store.boxes.ofLease(lease.id);
  const provider = lease === null ? undefined : deps.providers.get(lease.provider);
  if (attempt === undefined || lease === null || box === null || provider === undefined) {
    return finish(deps, run, "internal", { message: "The run's box is not known any more." });
  }
  if (attempt.state === "ended") {
    // An earlier process died between the end of the attempt and what follows from it.
    await leaveBox(deps, { run, attempt, lease, unfit: box.unfit });
    const execution: Execution =
      attempt.exit === null
        ? { kind: "lost", message: box.unfit ?? "The box was lost.", sent: attempt.executed }
        : { kind: "exit", exit: attempt.exit };
    return conclude(deps, run, verdictOf(execution, attempt, run));
  }
  const plan = await deps.hydration(run, repository);
  const hydrate = plan.kind === "plan" ? plan.phase : null;
  const resumed = attempt.task !== null;
  const task =
    attempt.task ??
    planTask({
      ...deps.settings,
      run,
      repository,
      attempt,
      lease,
      box,
      hydrate,
      capabilities: provider.capabilities,
      now: deps.clock.now(),
    });
  const [token] = await Promise.all([
    deps.syncToken(repository),
    resumed ? null : deps.store.attempts.setTask(attempt.id, task),
  ]);
  const execution = await deps.execute({ run, attempt, box, provider, task, token, resumed }, signals);
  const latest = (await deps.store.runs.get(run.id)) ?? run;
  const verdict = verdictOf(execution, attempt, latest);
  await afterAttempt(deps, { run, attempt, lease, box, provider, hydrate, task }, execution);
  return conclude(deps, latest, verdict);
}

function verdictOf(execution: Execution, attempt: Attempt, run: Run): Verdict {
  if (execution.kind === "exit") return judge(execution.exit, attempt.n, run.cancel);
  // A stop takes the box away under the task: that is what was asked for, not a loss.
  if (run.cancel !== null)
    return { kind: "ended", outcome: run.cancel.outcome, detail: { message: run.cancel.reason } };
  return lostVerdict(execution.message, execution.sent, attempt.n);
}

async function conclude(deps: PipelineDeps, run: Run, verdict: Verdict): Promise<Run | null> {
  if (verdict.kind === "ended") return finish(deps, run, verdict.outcome, verdict.detail);
  deps.log.warn({ run: run.id, why: verdict.why }, "one more attempt on another box");
  return deps.store.runs.change(run.id, run.state, "leasing", { detail: { message: verdict.why } });
}

function lostVerdict(message: string, sent: boolean, attemptNumber: number): Verdict {
  if (!sent && attemptNumber < MAX_ATTEMPTS) return { kind: "again", why: message };
  return { kind: "ended", outcome: "box_lost", detail: { message } };
}

async function cancelled(deps: PipelineDeps, run: Run): Promise<Run | null> {
  const latest = (await deps.store.runs.get(run.id)) ?? run;
  return finish(deps, run, latest.cancel?.outcome ?? "cancelled", {
    message: latest.cancel?.reason ?? "Cancelled.",
  });
}

async function releaseHeld(deps: PipelineDeps, run: Run): Promise<void> {
  for (const lease of await deps.store.leases.live({ holder: { kind: "run", key: run.id } })) {
    await deps.release(lease.id, "released");
  }
}

function finish(deps: PipelineDeps, run: Run, outcome: Outcome, detail: RunDetail): Promise<Run | null> {
  return deps.store.runs.change(run.id, run.state, "reporting", { outcome, detail });
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
