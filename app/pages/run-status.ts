import { phaseRows } from "../runs/report-facts.ts";
import { runTitle } from "../runs/report-title.ts";
import { OUTCOMES } from "../runs/outcome.ts";
import type { Attempt, Run } from "../store/rows.ts";
import type { LogDeps } from "./log-access.ts";
import { timeline, type TimedPhase } from "./timeline.ts";

/** The head of the log page, as JSON to the browser. */
export type RunStatus = {
  readonly title: string;
  readonly tone: "waiting" | "running" | "good" | "bad" | "neutral";
  readonly done: boolean;
  /** Number of the newest attempt, 0 before the first. */
  readonly attempt: number;
  readonly phases: readonly TimedPhase[];
};

export type StatusOf = { readonly run: Run; readonly attempt: Attempt | null; readonly status: RunStatus };

/** The run as it stands now; null when it is gone. */
export async function runStatus(
  deps: Pick<LogDeps, "store" | "clock">,
  runId: Run["id"],
): Promise<StatusOf | null> {
  const [run, attempts] = await Promise.all([deps.store.runs.get(runId), deps.store.attempts.ofRun(runId)]);
  if (run === null) return null;
  const attempt = attempts.at(-1) ?? null;
  const [lease, position] = await Promise.all([
    attempt === null ? null : deps.store.leases.get(attempt.leaseId),
    run.state === "queued" ? deps.store.runs.position(run.id) : null,
  ]);
  const now = deps.clock.now();
  const status: RunStatus = {
    title: runTitle({ run, attempt, lease, position, now }),
    tone: toneOf(run),
    done: run.state === "done",
    attempt: attempt?.n ?? 0,
    phases: timeline(phaseRows(run, attempt, now)),
  };
  return { run, attempt, status };
}

/** How a run stands, for its colour. */
export function toneOf(run: Run): RunStatus["tone"] {
  if (run.outcome === null) return run.state === "running" ? "running" : "waiting";
  const { conclusion } = OUTCOMES[run.outcome];
  if (conclusion === "success") return "good";
  return conclusion === "failure" || conclusion === "timed_out" ? "bad" : "neutral";
}
