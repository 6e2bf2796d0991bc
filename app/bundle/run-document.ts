import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { phaseRows } from "../runs/report-facts.ts";
import type { Attempt, Lease, PhaseTimes, Repository, Run } from "../store/rows.ts";

export type RunDocumentFacts = {
  readonly run: Run;
  readonly repository: Repository;
  readonly attempts: readonly Attempt[];
  /** Of the last attempt. */
  readonly lease: Lease | null;
};

/**
 * What was asked and what became of it. `stages` are those of the check, by the App's clock where the App did them; an attempt's `phases` are the
 * box's, by its own.
 */
export function runDocument({ run, repository, attempts, lease }: RunDocumentFacts): object {
  const end = run.endedAt ?? run.createdAt;
  return {
    run: run.id,
    repository: `${repository.owner}/${repository.name}`,
    pull_request: run.pullRequest,
    command: run.command,
    kind: run.commandKind,
    asked_by: run.actor,
    source: run.source,
    retry_of: run.retryOf,
    trust_domain: run.trustDomain,
    commit: run.checkoutSha,
    head: run.headSha,
    head_ref: run.headRef,
    base: run.baseSha,
    base_ref: run.baseRef,
    state: run.state,
    outcome: run.outcome,
    message: run.detail?.message ?? null,
    hint: run.detail?.hint ?? null,
    created: time(run.createdAt),
    queued: time(run.queuedAt),
    started: time(run.startedAt),
    ended: time(run.endedAt),
    class: run.options.class,
    timeout_ms: run.options.timeoutMs,
    box: lease === null ? null : { slug: lease.slug, provider: lease.provider, class: lease.class },
    stages: phaseRows(run, attempts.at(-1) ?? null, end).map(({ name, ms, result }) => ({
      name,
      ms,
      result: result === "" ? null : result,
    })),
    attempts: attempts.map(({ id, n, state, executed, exit, phases, createdAt, endedAt }) => ({
      attempt: id,
      n,
      state,
      executed,
      created: time(createdAt),
      ended: time(endedAt),
      exit: exit === null ? null : exitDocument(exit),
      phases: Object.fromEntries(Object.entries(phases).map(([name, phase]) => [name, phaseDocument(phase)])),
    })),
  };
}

/** Each field is there, so that nobody has to wonder: a command has a code or a signal, never both. */
function exitDocument(exit: TaskExit): object {
  return {
    code: exit.code ?? null,
    signal: exit.signal ?? null,
    why: exit.why ?? null,
    by: exit.by ?? null,
    error: exit.error ?? null,
    sync_reason: exit.syncReason ?? null,
    job: exit.job ?? null,
    step: exit.step ?? null,
    conclusion: exit.conclusion ?? null,
    executed: exit.executed,
    oom_kills: exit.oomKills ?? 0,
    disk_full: exit.diskFull ?? false,
    log_gap_bytes: exit.gapBytes ?? 0,
    survivors: exit.survivors,
    containment: exit.rung,
    ended: time(exit.endedAt),
  };
}

function phaseDocument(phase: NonNullable<PhaseTimes["sync"]>): object {
  const { begin, ms, outcome, detail, steps, remarks, summaries, results, failures, artifacts, uploads } =
    phase;
  return {
    began: time(begin),
    ms: ms ?? null,
    outcome: outcome ?? null,
    detail: detail ?? null,
    ...(steps === undefined ? {} : { steps }),
    ...(remarks === undefined ? {} : { remarks }),
    ...(summaries === undefined ? {} : { summaries }),
    ...(results === undefined ? {} : { results }),
    ...(failures === undefined ? {} : { failures }),
    ...(artifacts === undefined ? {} : { artifacts }),
    ...(uploads === undefined ? {} : { uploads }),
  };
}

function time(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
