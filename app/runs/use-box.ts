import type { HydratePhase, JobPhase, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Box, Repository, Run } from "../store/rows.ts";
import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import { afterAttempt, leaveBox } from "./after-attempt.ts";
import type { Execution } from "./execute.ts";
import { verdictOf, type Verdict } from "./judge.ts";
import { finish, type PipelineDeps, type Signals } from "./pipeline-deps.ts";
import { planTask, UNFINISHED } from "./plan.ts";
import { stepsGet } from "./step-token.ts";

/** `running`: the task of the newest attempt, sent or attached to, followed to its end, and what follows from it. Safe to repeat. */
export async function useBox(
  deps: PipelineDeps,
  run: Run,
  repository: Repository,
  signals: Signals,
): Promise<Run | null> {
  const stored = (await deps.store.attempts.ofRun(run.id)).at(-1);
  const attempt = stored === undefined || stored.task === null ? stored : await deps.catchUp(stored);
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
  const resumed = attempt.task !== null;
  const work = attempt.task === null ? await workOf(deps, run, repository) : NO_WORK;
  if (work === null) {
    await afterAttempt(deps, { run, attempt, lease, box, task: {} }, neverSent(deps.clock.now()));
    return finish(deps, run, run.options.job === undefined ? "hydrate_failed" : "failed", { message: GONE });
  }
  const planned =
    attempt.task ??
    planTask({
      ...deps.settings,
      run,
      repository,
      attempt,
      lease,
      box,
      ...work,
      capabilities: provider.capabilities,
      now: deps.clock.now(),
    });
  const task = resumed ? planned : wanting(deps, await withCaches(deps, planned, run, repository), run);
  // What is synced already needs no GitHub any more, so that a restart attaches while GitHub is down.
  const synced = attempt.phases.sync?.outcome !== undefined;
  const [token] = await Promise.all([
    synced ? null : deps.syncToken(repository),
    resumed ? null : deps.store.attempts.setTask(attempt.id, task),
    task.hydrate === undefined && task.job === undefined ? null : forgetHydration(deps, run, box),
  ]);
  // Last and alone: nothing that fails beside it leaves a token behind.
  const steps = await stepsGet(deps, { run, repository, task, lease, isSent: synced });
  const newToken = (): Promise<string> => deps.syncToken(repository);
  const execution = await deps.execute(
    { run, attempt, box, provider, task, token, newToken, resumed, ...steps },
    signals,
  );
  const latest = (await deps.store.runs.get(run.id)) ?? run;
  const verdict = verdictOf(execution, attempt, latest);
  await afterAttempt(deps, { run, attempt, lease, box, task }, execution);
  return conclude(deps, latest, verdict);
}

/** Before the task is sent: from then on the box may hold less than its row says. */
function forgetHydration(deps: PipelineDeps, run: Run, box: Box): Promise<void> {
  const hydrated = { fingerprint: UNFINISHED, at: deps.clock.now(), sha: run.baseSha };
  return deps.store.boxes.note(box.id, { hydrated });
}

/** Offered only where steps run: a prepared box restores nothing. */
async function withCaches(
  deps: PipelineDeps,
  task: ReturnType<typeof planTask>,
  run: Run,
  repository: Repository,
): Promise<ReturnType<typeof planTask>> {
  if (task.job === undefined && (task.hydrate?.plan ?? null) === null) return task;
  return { ...task, caches: await deps.offerCaches(run, repository) };
}

/** Asked for only where there may be any: by the repository's file, or by a step. */
function wanting(
  { settings }: PipelineDeps,
  task: ReturnType<typeof planTask>,
  { options }: Run,
): ReturnType<typeof planTask> {
  const { fileMaxBytes, runMaxBytes, filesMax, maxBytes } = settings.artifacts;
  const patterns = options.artifacts ?? [];
  if (maxBytes === 0 || (patterns.length === 0 && task.caches === undefined)) return task;
  return { ...task, artifacts: { patterns, fileMaxBytes, runMaxBytes, filesMax } };
}

type Work = { readonly hydrate: HydratePhase | null; readonly job?: JobPhase; readonly grants?: Grants };

const NO_WORK: Work = { hydrate: null };
const GONE =
  "The workflow's steps cannot be had any more: a ref of one of their actions has changed. Nothing was run.";

function neverSent(endedAt: number): Execution {
  const exit: TaskExit = { error: GONE, executed: false, survivors: [], rung: "best-effort", endedAt };
  return { kind: "exit", exit };
}

/** What prepares the box, or what runs in the command's stead; null when that is gone since the box was taken. */
async function workOf(deps: PipelineDeps, run: Run, repository: Repository): Promise<Work | null> {
  const plan = await deps.hydration(run, repository);
  if (run.options.job !== undefined)
    return plan.kind === "job" ? { hydrate: null, job: plan.phase, grants: plan.grants } : null;
  if (plan.kind === "plan") return { hydrate: plan.phase, grants: plan.grants };
  return plan.kind === "refused" ? null : NO_WORK;
}

async function conclude(deps: PipelineDeps, run: Run, verdict: Verdict): Promise<Run | null> {
  if (verdict.kind === "ended") return finish(deps, run, verdict.outcome, verdict.detail);
  deps.log.warn({ run: run.id, why: verdict.why }, "one more attempt on another box");
  return deps.store.runs.change(run.id, run.state, "leasing", { detail: { message: verdict.why } });
}
