/** Jobs that need one another, on one box: those that are needed first, then the one that is meant. */

import type { BoxHost } from "./box-host.ts";
import type { ServiceRoom } from "./service-room.ts";
import { failureOf, type Failure } from "./failure.ts";
import type { JobOptions } from "./engine/run-job.ts";
import type { EngineHost, JobResult } from "./host.ts";
import { chooseLegs } from "./jobs/matrix-choice.ts";
import type { Leg } from "./jobs/matrix.ts";
import { plannedJobs } from "./jobs/planned-jobs.ts";
import { leftOut, runJobs, type JobsDeps } from "./jobs/run-jobs.ts";
import type { Ended, JobsPlan, JobsTeller, LegPlan, PlannedJob } from "./jobs/types.ts";

export type AllDeps = {
  readonly host: BoxHost;
  /** What one job uploads the next may download. */
  readonly room: ServiceRoom;
  /** Aborted when the task is to end: no further job begins. */
  readonly stopped: AbortSignal;
  /** Makes work tree and temporary files as they were before any job; answers why not. */
  readonly renew: () => Promise<string | null>;
  /** Of the job that is meant. */
  readonly options: JobOptions;
};

/** Runs of all jobs' matrices together; GitHub makes up to 256 of one, each on a machine of its own. */
const RUNS_MAX = 64;
/** Values of a matrix that an answer lists. */
const LISTED_MAX = 30;
const REASON_MAX = 1_000;
const NAME_MAX = 200;
const NOTHING: JobResult = { conclusion: "skipped", steps: [], outputs: {}, env: {}, path: [] };

/**
 * The target's result, and why it did not end well: its own failing step, or the one of the needed job for whose sake it was skipped. Of
 * its matrix one combination runs, of the others' all. Steps are numbered through; those of needed jobs carry the job's name.
 */
export async function runAll(
  deps: AllDeps,
  { target, inner, matrix, prepared, frame }: JobsPlan,
): Promise<{ readonly result: JobResult; readonly failure: Failure | null }> {
  const { host } = deps;
  const jobs = plannedJobs(prepared, frame);
  const failures = new Map<string, Failure>();
  let last = NOTHING;
  let count = 0;
  let behind = 0;
  let said = "";
  const note = (text: string): void => {
    said = host.masked(text);
    host.event({ e: "note", text: said.slice(0, REASON_MAX).toWellFormed() });
  };
  const fail = (job: string, failure: Failure): void => {
    if (!failures.has(job)) failures.set(job, failure);
  };
  const refuse = (job: string, error: string): JobResult => {
    note(`${job}: ${error}`);
    fail(job, { error });
    return { ...NOTHING, conclusion: "failure" };
  };

  async function runLeg({ plan }: LegPlan, cancelled: AbortSignal): Promise<JobResult> {
    if (deps.stopped.aborted) return { ...NOTHING, conclusion: "cancelled" };
    count += 1;
    if (count > RUNS_MAX)
      return refuse(plan.job, `more than ${RUNS_MAX} runs of jobs are not made on one box`);
    const stale = count === 1 ? null : await deps.renew();
    if (stale !== null) return refuse(plan.job, `the work tree could not be made anew: ${stale}`);
    const isMeant = inner === undefined ? isOf(plan.job, target) : plan.job === inner;
    const result = await deps.room.run(
      plan,
      numbered(host, { behind, title: isMeant ? "" : plan.name, cancelled }),
      isMeant ? deps.options : {},
    );
    const failure = failureOf({ ...host, cancelled }, result, behind);
    if (failure !== null) fail(plan.job, failure);
    behind += Math.max(0, ...result.steps.map(({ n }) => n));
    if (isMeant) last = result;
    return result;
  }

  const teller: JobsTeller = {
    begin: () => undefined,
    end(job, _matrix, result) {
      // What was never started has said why.
      if (result.conclusion === "failure" && result.steps.length === 0)
        fail(job, { error: said.slice(0, REASON_MAX).toWellFormed() });
    },
    note,
  };
  const choose = chooser({ target, inner }, matrix, note);
  const inside = inner === undefined ? {} : { chooseInside: choose };
  const how = { teller, runLeg, choose, ...inside, cancelled: deps.stopped };
  const ended = await runJobs(how, jobs, leftOut(jobs));
  const conclusion = ended.get(target)?.result ?? "skipped";
  return { result: { ...last, conclusion }, failure: whyNot({ target, ended, said }, failures) };
}

/**
 * Of the target one combination, of the others all. On the way into called workflows each takes one, the first matrix there the one that
 * is asked for.
 */
function chooser(
  { target, inner = target }: { readonly target: string; readonly inner: string | undefined },
  matrix: JobsPlan["matrix"],
  note: (text: string) => void,
): JobsDeps["choose"] {
  let wasAsked = false;
  return (job: PlannedJob, legs: readonly Leg[]) => {
    if (!isOf(inner, job.id)) return { kind: "legs", legs };
    const isFirst = !wasAsked && (job.model.strategy !== undefined || job.id === inner);
    wasAsked ||= isFirst;
    const chosen = chooseLegs(legs, isFirst ? matrix : {}, listed);
    if (chosen.kind === "fault") return chosen;
    const [first] = chosen.legs;
    if (chosen.legs.length > 1)
      note(`Of ${chosen.legs.length} combinations the first: ${first?.shown.join(", ") ?? ""}.`);
    return { kind: "legs", legs: chosen.legs.slice(0, 1) };
  };
}

function whyNot(
  { target, ended, said }: { target: string; ended: ReadonlyMap<string, Ended>; said: string },
  failures: ReadonlyMap<string, Failure>,
): Failure | null {
  const result = ended.get(target)?.result;
  if (result === "success") return null;
  for (const [job, failure] of failures) if (isOf(job, target)) return failure;
  if (result === "failure") return { error: said };
  // One that failed and was forgiven is nobody's reason.
  const failed = [...ended]
    .filter(([, one]) => one.result === "failure" || one.result === "cancelled")
    .map(([id]) => id);
  const needed = [...failures].find(([job]) => failed.some((id) => isOf(job, id)));
  return needed === undefined ? { error: said } : { ...needed[1], job: needed[0].slice(0, NAME_MAX) };
}

function isOf(job: string, target: string): boolean {
  return job === target || job.startsWith(`${target} / `);
}

/** The host with its steps numbered from `behind` on, and named after their job. */
function numbered(
  host: BoxHost,
  { behind, title, cancelled }: { behind: number; title: string; cancelled: AbortSignal },
): EngineHost {
  const named = (name: string): string => (title === "" ? name : `${title} / ${name}`);
  return {
    ...host,
    cancelled,
    spawn: (program) => host.spawn({ ...program, step: program.step + behind }),
    log: (step, text) => host.log(step + behind, text),
    event(event) {
      if (event.e === "note") host.event(event);
      else if (event.e === "step") host.event({ ...event, n: event.n + behind, name: named(event.name) });
      else host.event({ ...event, n: event.n + behind });
    },
  };
}

function listed(_found: string, allowed: readonly string[]): string {
  const names = allowed.slice(0, LISTED_MAX).map((one) => `\`${one}\``);
  return `There are: ${names.join(", ")}.`;
}
