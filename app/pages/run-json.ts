import type { Attempt, Run } from "../store/rows.ts";
import type { LogDeps } from "./log-access.ts";

/** A run as programs read it; times in ms, money in micro-USD. */
export type RunJson = {
  readonly run: string;
  readonly state: Run["state"];
  /** Null while it is not decided. */
  readonly outcome: Run["outcome"];
  readonly attempts: number;
  /** Of the newest attempt; `warm`: used by an earlier run. */
  readonly box: { readonly slug: string; readonly warm: boolean } | null;
  /** Null while no attempt is settled. */
  readonly costMicroUsd: number | null;
  /** 0 for a stage that was not there. */
  readonly phases: Readonly<Record<"queue" | "lease" | "sync" | "hydrate" | "execute" | "report", number>>;
};

/** What is stored about the run behind a log link. */
export async function runJson(deps: Pick<LogDeps, "store" | "clock">, run: Run): Promise<RunJson> {
  const attempts = await deps.store.attempts.ofRun(run.id);
  const attempt = attempts.at(-1) ?? null;
  const lease = attempt === null ? null : await deps.store.leases.get(attempt.leaseId);
  const settled = attempts.flatMap(({ costMicroUsd }) => (costMicroUsd === null ? [] : [costMicroUsd]));
  return {
    run: run.id,
    state: run.state,
    outcome: run.outcome,
    attempts: attempts.length,
    box:
      lease === null
        ? null
        : { slug: lease.slug, warm: run.startedAt !== null && lease.createdAt < run.startedAt },
    costMicroUsd: settled.length === 0 ? null : settled.reduce((sum, one) => sum + one, 0),
    phases: phasesOf(run, attempt, deps.clock.now()),
  };
}

function phasesOf(run: Run, attempt: Attempt | null, now: number): RunJson["phases"] {
  const leaseEnd = attempt?.createdAt ?? run.endedAt ?? now;
  const onBox = (name: "sync" | "hydrate" | "execute"): number => {
    const phase = attempt?.phases[name];
    return phase === undefined ? 0 : Math.max(0, phase.ms ?? now - phase.begin);
  };
  return {
    queue: Math.max(0, (run.startedAt ?? run.endedAt ?? now) - run.createdAt),
    lease: run.startedAt === null ? 0 : Math.max(0, leaseEnd - run.startedAt),
    sync: onBox("sync"),
    hydrate: onBox("hydrate"),
    execute: onBox("execute"),
    report:
      attempt?.endedAt === null || attempt?.endedAt === undefined
        ? 0
        : Math.max(0, (run.endedAt ?? now) - attempt.endedAt),
  };
}
