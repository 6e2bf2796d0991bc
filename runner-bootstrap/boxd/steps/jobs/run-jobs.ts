import type { JobResult, Outcome } from "../host.ts";
import { ExpressionError } from "../expressions/expression-error.ts";
import { fillValue } from "../expressions/fill.ts";
import type { Leg } from "./matrix.ts";
import type { MatrixFault } from "./matrix-filter.ts";
import type { Ended, JobsTeller, LegPlan, PlannedJob } from "./types.ts";
import { eitherOf } from "../../either-of.ts";

export type JobsDeps = {
  readonly teller: JobsTeller;
  /** Runs one job to its end; rejects only when this program is at fault. */
  readonly runLeg: (leg: LegPlan, cancelled: AbortSignal) => Promise<JobResult>;
  /** Which runs of a job's matrix are meant. */
  readonly choose: (
    job: PlannedJob,
    legs: readonly Leg[],
  ) => { readonly kind: "legs"; readonly legs: readonly Leg[] } | MatrixFault;
  /** The same for jobs of called workflows; left out: all. */
  readonly chooseInside?: JobsDeps["choose"];
  readonly cancelled: AbortSignal;
};

const NOTHING: JobResult = { conclusion: "skipped", steps: [], outputs: {}, env: {}, path: [] };

/**
 * Runs jobs one after the other in the order given, which is that of their `needs`; answers how each ended, by id, together with those
 * that had ended before. A job that cannot run has failed, with the reason told.
 */
export async function runJobs(
  deps: JobsDeps,
  jobs: readonly PlannedJob[],
  ended: Map<string, Ended> = new Map(),
): Promise<ReadonlyMap<string, Ended>> {
  for (const job of jobs) ended.set(job.id, await runJob(deps, job, ended));
  return ended;
}

/** Jobs that are needed and shall not run count as having ended well, with no outputs. */
export function leftOut(jobs: readonly PlannedJob[]): Map<string, Ended> {
  const ids = new Set(jobs.map(({ id }) => id));
  const needed = jobs.flatMap(({ needs }) => needs).filter((id) => !ids.has(id));
  return new Map(needed.map((id) => [id, { result: "success", outputs: {} }]));
}

async function runJob(deps: JobsDeps, job: PlannedJob, ended: ReadonlyMap<string, Ended>): Promise<Ended> {
  const without = (result: Outcome, reason: string): Ended => {
    deps.teller.note(`${job.id}: ${reason}`);
    deps.teller.end(job.id, null, { ...NOTHING, conclusion: result });
    return { result, outputs: {} };
  };
  const start = job.start({ ended, cancelled: deps.cancelled.aborted });
  if (start.kind === "skipped" || start.kind === "failed")
    return without(start.kind === "failed" ? "failure" : "skipped", start.reason);
  const stops = job.lacks.filter(({ level }) => level === "stop");
  if (stops.length > 0) return without("failure", stops.map(({ reason }) => reason).join(" "));
  for (const { level, reason } of job.lacks) if (level === "lack") deps.teller.note(`${job.id}: ${reason}`);
  const every: readonly { readonly leg: LegPlan["leg"] }[] = start.legs;
  const legs = every.map(({ leg }) => leg);
  const chosen = deps.choose(job, legs);
  if (chosen.kind === "fault") return without("failure", `${chosen.message} ${chosen.hint}`);
  const results: Ended[] = [];
  const failed = new AbortController();
  const signal = eitherOf([deps.cancelled, failed.signal]);
  const runOne = async ({ leg }: { leg: LegPlan["leg"] }, run: () => Promise<Ended>): Promise<void> => {
    const isOff = signal.aborted;
    if (isOff) deps.teller.end(job.id, leg.matrix, { ...NOTHING, conclusion: "cancelled" });
    const result = isOff ? { result: "cancelled" as const, outputs: {} } : await run();
    results.push(result);
    if (result.result === "failure" && start.failFast) failed.abort();
  };
  if (start.kind === "runs") {
    for (const { leg, refused } of start.leftOut)
      deps.teller.note(`${legName(job.id, leg)}: left out: ${refused}`);
    for (const leg of start.legs.filter((one) => chosen.legs.includes(one.leg)))
      await runOne(leg, () => runSteps(deps, job, leg, signal));
  } else {
    for (const call of start.legs.filter((one) => chosen.legs.includes(one.leg)))
      await runOne(call, async () => {
        const choose = deps.chooseInside ?? chooseAll;
        const inner = await runJobs({ ...deps, choose, cancelled: signal }, call.jobs);
        return {
          result: worstOf([...inner.values()]),
          outputs: outputsOf(deps, job, () => call.outputs(inner)),
        };
      });
  }
  // GitHub's: of several legs the last one that says anything has its word.
  const outputs = Object.assign({}, ...results.map((one) => withoutEmpty(one.outputs)));
  return { result: worstOf(results), outputs };
}

async function runSteps(deps: JobsDeps, job: PlannedJob, leg: LegPlan, signal: AbortSignal): Promise<Ended> {
  deps.teller.begin(job.id, leg.plan.name);
  const result = await deps.runLeg(leg, signal);
  deps.teller.end(job.id, leg.leg.matrix, result);
  const isForgiven = result.conclusion === "failure" && isForgiving(leg.plan);
  if (isForgiven)
    deps.teller.note(`${legName(job.id, leg.leg)}: it may fail (continue-on-error): the run goes on.`);
  return { result: isForgiven ? "success" : result.conclusion, outputs: result.outputs };
}

function legName(job: string, { matrix }: Leg): string {
  return matrix === null ? job : `${job} ${JSON.stringify(matrix)}`;
}

/** `continue-on-error` of the job; what cannot be evaluated forgives nothing. */
function isForgiving({ continueOnError, contexts }: LegPlan["plan"]): boolean {
  if (typeof continueOnError !== "string") return continueOnError === true;
  try {
    return fillValue(continueOnError, { contexts }) === true;
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    return false;
  }
}

/** What nobody asked about runs whole. */
function chooseAll(_job: PlannedJob, legs: readonly Leg[]): ReturnType<JobsDeps["choose"]> {
  return { kind: "legs", legs };
}

function outputsOf(
  deps: JobsDeps,
  job: PlannedJob,
  make: () => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    deps.teller.note(`${job.id}: its outputs cannot be evaluated: ${thrown.message}`);
    return {};
  }
}

function worstOf(results: readonly Ended[]): Outcome {
  const all = new Set(results.map(({ result }) => result));
  for (const one of ["failure", "cancelled", "success"] as const) if (all.has(one)) return one;
  return "skipped";
}

function withoutEmpty(outputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== ""));
}
