import { effectiveCacheMode } from "../cache-mode.ts";
import { fill } from "../expressions/fill.ts";
import type { YamlMap } from "../plan.ts";
import { shownName, type Leg } from "./matrix.ts";
import type { CallJob } from "./model.ts";
import { ancestorsOf, inNeedsOrder } from "./ancestors.ts";
import { handOver } from "./call-inputs.ts";
import { present } from "./present.ts";
import { startJob, type Starting } from "./start-job.ts";
import { planLeg } from "./steps-job.ts";
import type { Ended, Frame, JobStart, JobsState, LegCall, PlannedJob, PreparedJob } from "./types.ts";

/** Prepared jobs with their ids in the run and the function that starts them, in the order of `needs`. */
export function plannedJobs(prepared: readonly PreparedJob[], frame: Frame): readonly PlannedJob[] {
  const full = (id: string): string => `${frame.idPrefix}${id}`;
  const needing = prepared.map(({ model }) => ({ id: full(model.id), needs: model.needs.map(full) }));
  const planned = prepared.map((job, index): PlannedJob => {
    const { id, needs } = needing[index] ?? { id: full(job.model.id), needs: [] };
    const starting: Starting = {
      model: job.model,
      given: { github: frame.facts.github, vars: frame.facts.vars, inputs: frame.inputs },
      needs: job.model.needs.map((one) => ({ id: one, full: full(one) })),
      ancestors: ancestorsOf(needing, { id, needs }),
    };
    return {
      id,
      model: job.model,
      workflow: job.workflow,
      needs,
      lacks: job.lacks,
      resolved: job.resolved,
      called:
        job.callee === null
          ? []
          : plannedJobs(job.callee.jobs, {
              ...frame,
              idPrefix: `${id} / `,
              namePrefix: `${job.model.id} / `,
            }),
      start: (state) => start(job, { frame, id, starting }, state),
    };
  });
  return inNeedsOrder(planned);
}

type At = { readonly frame: Frame; readonly id: string; readonly starting: Starting };

function start(job: PreparedJob, { frame, id, starting }: At, state: JobsState): JobStart {
  const { model, workflow, resolved } = job;
  const { given } = starting;
  if (model.kind === "steps") {
    const { facts, top, secrets, namePrefix: prefix, cacheMode: granted } = frame;
    const parts = { id, prefix, top, workflow, model, given, secrets, facts, granted, resolved };
    const started = startJob(starting, state, (leg, needs) => planLeg(parts, leg, needs));
    if (started.kind !== "legs") return started;
    const legs = started.legs.filter((leg) => "plan" in leg);
    const leftOut = started.legs.filter((leg) => "refused" in leg);
    const [none] = leftOut;
    if (legs.length === 0 && none !== undefined) return { kind: "failed", reason: none.refused };
    return refusedOr(job, { kind: "runs", failFast: started.failFast, legs, leftOut });
  }
  const started = startJob(starting, state, (leg, needs) =>
    callLeg(job, model, { frame, id, starting }, leg, needs),
  );
  return started.kind === "legs" ? refusedOr(job, { ...started, kind: "calls" }) : started;
}

/** A skipped job needs nothing; one that would run fails when a thing it cannot do without is missing, as GitHub fails it at its set-up. */
function refusedOr(job: PreparedJob, start: JobStart): JobStart {
  const stops = job.lacks.filter(({ level }) => level === "stop");
  if (stops.length === 0) return start;
  return { kind: "failed", reason: stops.map(({ reason }) => reason).join(" ") };
}

function callLeg(
  job: PreparedJob,
  model: CallJob,
  { frame, id, starting }: At,
  leg: Leg,
  needs: YamlMap,
): LegCall | { readonly fault: string } {
  const { callee } = job;
  if (callee === null) return { leg, jobs: [], outputs: () => ({}) };
  const { given } = starting;
  const contexts = { ...given, needs, matrix: leg.matrix, strategy: leg.strategy };
  const handed = handOver(model, callee.workflow, { contexts: { ...contexts, secrets: frame.secrets } });
  if (handed.kind === "fault") return { fault: `${handed.reason}.` };
  const { inputs, secrets } = handed;
  const name = fill(shownName(model.id, model.name, leg), { contexts });
  const below: Frame = {
    ...frame,
    inputs,
    secrets,
    ...present({ cacheMode: effectiveCacheMode(model, job.workflow, frame.cacheMode) }),
    idPrefix: `${id} / `,
    namePrefix: `${frame.namePrefix}${name} / `,
  };
  const outputs = callee.workflow.call?.outputs ?? {};
  return {
    leg,
    jobs: plannedJobs(callee.jobs, below),
    outputs(ended) {
      const jobs = jobsContext(callee.jobs, below.idPrefix, ended);
      const scope = { contexts: { github: given.github, vars: given.vars, inputs, jobs } };
      return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, fill(value, scope)]));
    },
  };
}

function jobsContext(
  jobs: readonly PreparedJob[],
  prefix: string,
  ended: ReadonlyMap<string, Ended>,
): YamlMap {
  return Object.fromEntries(
    jobs.map(({ model }) => {
      const had = ended.get(`${prefix}${model.id}`);
      return [model.id, { result: had?.result ?? "skipped", outputs: had?.outputs ?? {} }];
    }),
  );
}
