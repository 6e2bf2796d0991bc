import { ExpressionError } from "../../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import type { Ended, JobStart, LegPlan, PlannedJob } from "./types.ts";

export type RunJobsOptions = {
  readonly signal?: AbortSignal;
  /** Told before legs run; for a skipped or failed job it is all there is to tell. */
  readonly onStart?: (job: PlannedJob, start: JobStart) => void;
};

/**
 * Runs jobs one after the other in the order given (that of `needs`), called workflows in their caller's place. `runLeg` runs one leg of
 * a job's matrix and answers how it ended; what it throws ends everything. With `fail-fast` (the default) the legs behind a failed one
 * count as cancelled. Answers how each job of this level ended.
 */
export async function runJobs(
  jobs: readonly PlannedJob[],
  runLeg: (leg: LegPlan, job: PlannedJob) => Promise<Ended>,
  options: RunJobsOptions = {},
): Promise<ReadonlyMap<string, Ended>> {
  const ended = new Map<string, Ended>();
  for (const job of jobs) {
    const start = job.start({ ended, cancelled: options.signal?.aborted === true });
    options.onStart?.(job, start);
    if (start.kind === "skipped") ended.set(job.id, { result: "skipped", outputs: {} });
    else if (start.kind === "failed") ended.set(job.id, { result: "failure", outputs: {} });
    else ended.set(job.id, together(await runLegs(job, start, { runLeg, options })));
  }
  return ended;
}

type How = {
  readonly runLeg: (leg: LegPlan, job: PlannedJob) => Promise<Ended>;
  readonly options: RunJobsOptions;
};

async function runLegs(
  job: PlannedJob,
  start: Extract<JobStart, { kind: "runs" | "calls" }>,
  { runLeg, options }: How,
): Promise<readonly Ended[]> {
  const all: Ended[] = [];
  const runs: readonly (() => Promise<Ended>)[] =
    start.kind === "runs"
      ? start.legs.map((leg) => () => runLeg(leg, job))
      : start.legs.map((leg) => async () => {
          const below = await runJobs(leg.jobs, runLeg, options);
          try {
            return { result: together([...below.values()]).result, outputs: leg.outputs(below) };
          } catch (error) {
            if (error instanceof ExpressionError) return { result: "failure", outputs: {} };
            throw error;
          }
        });
  for (const run of runs) {
    const isOff = start.failFast && all.some(({ result }) => result === "failure");
    all.push(isOff ? { result: "cancelled", outputs: {} } : await run());
  }
  return all;
}

/** One result of many; of the outputs, the last one that is not empty stays, as on GitHub. */
function together(all: readonly Ended[]): Ended {
  const has = (result: Ended["result"]): boolean => all.some((one) => one.result === result);
  const outputs: Record<string, string> = {};
  for (const one of all)
    for (const [name, value] of Object.entries(one.outputs)) if (value !== "") outputs[name] = value;
  if (has("failure")) return { result: "failure", outputs };
  if (has("cancelled")) return { result: "cancelled", outputs };
  return {
    result: all.length > 0 && all.every(({ result }) => result === "skipped") ? "skipped" : "success",
    outputs,
  };
}
