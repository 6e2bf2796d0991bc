import { expandStrategy, type Leg } from "../../runner-bootstrap/boxd/steps/jobs/matrix.ts";
import { chooseLegs } from "../../runner-bootstrap/boxd/steps/jobs/matrix-choice.ts";
import type { JobModel, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { Frame, JobsPlan, PreparedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import { ExpressionError } from "../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import { JOB_PLAN_VERSION, type JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { fillValue } from "../../runner-bootstrap/boxd/steps/expressions/fill.ts";
import { allowedHint } from "./read/complain.ts";

/** Jobs of one plan, called workflows' too: so many machines' work, one after the other on one box, is a mistake beyond that. */
const MAX_JOBS = 50;
/** A task's line to the box is 8 MiB at most (parse-task.ts); a set-up's own plan is in it once more, and caches are beside it. */
const MAX_PLAN_BYTES = 3 * 1024 * 1024;

/** The jobs as they go to the box, or why they cannot: a half sentence. */
export function jobsPlan(
  wanted: Pick<JobsPlan, "target" | "inner" | "matrix">,
  prepared: readonly PreparedJob[],
  frame: Frame,
): { readonly kind: "jobs"; readonly jobs: JobsPlan } | { readonly kind: "fault"; readonly reason: string } {
  const count = countOf(prepared);
  if (count > MAX_JOBS)
    return { kind: "fault", reason: `needs ${count - 1} other jobs; a box runs at most ${MAX_JOBS} for one` };
  // Plans are stored, so no secret is in them.
  const jobs: JobsPlan = { ...wanted, prepared: prepared.map(bare), frame: { ...frame, secrets: {} } };
  if (Buffer.byteLength(JSON.stringify(jobs)) > MAX_PLAN_BYTES)
    return { kind: "fault", reason: "is too large for a box, together with the jobs that it needs" };
  return { kind: "jobs", jobs };
}

/**
 * What is wrong with the combination that somebody asked for, a half sentence; null when nothing is, or when the matrix is made of what
 * other jobs hand on, so that only the box can tell.
 */
export function matrixFault(
  model: JobModel,
  matrix: JobsPlan["matrix"],
  { facts, inputs }: Pick<Frame, "facts" | "inputs">,
): string | null {
  if (Object.keys(matrix).length === 0 || /\bneeds\b/u.test(JSON.stringify(model.strategy ?? null)))
    return null;
  const { github, vars } = facts;
  try {
    const strategy =
      model.strategy === undefined
        ? undefined
        : fillValue(model.strategy, { contexts: { github, vars, inputs, needs: {} } });
    const expanded = expandStrategy(strategy);
    return expanded.kind === "fault" ? null : legFault(expanded.legs, matrix);
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return null;
    throw thrown;
  }
}

/** What is wrong with the combination that somebody asked for, a half sentence; null when nothing is. */
export function legFault(legs: readonly Leg[], matrix: JobsPlan["matrix"]): string | null {
  const chosen = chooseLegs(legs, matrix, allowedHint);
  if (chosen.kind === "legs") return null;
  const message = `${chosen.message.charAt(0).toLowerCase()}${chosen.message.slice(1)}`;
  return `${message} ${chosen.hint}`.trim().replace(/\.$/u, "");
}

/** All that these jobs' steps say, in one plan that nobody runs: what they ask for is read from it. */
export function allOf({ target, prepared, frame }: JobsPlan): JobPlan {
  const { github, vars, synced } = frame.facts;
  const every = flat(prepared);
  return {
    v: JOB_PLAN_VERSION,
    job: target,
    name: target,
    workflow: frame.top,
    contexts: { github, vars, secrets: {}, inputs: frame.inputs, matrix: null, strategy: {}, needs: {} },
    env: every.flatMap(({ model, workflow }) => [
      workflow.env,
      ...(model.kind === "steps"
        ? [model.env, JSON.stringify([model.container, model.services])]
        : [JSON.stringify([model.with, model.secrets])]),
    ]),
    defaults: {},
    steps: every.flatMap(({ resolved }) => resolved.steps),
    actions: Object.assign({}, ...every.map(({ resolved }) => resolved.actions)) as JobPlan["actions"],
    outputs: {},
    services: {},
    synced,
  };
}

function flat(prepared: readonly PreparedJob[]): readonly PreparedJob[] {
  return prepared.flatMap((job) => [job, ...flat(job.callee?.jobs ?? [])]);
}

function countOf(prepared: readonly PreparedJob[]): number {
  return prepared.reduce((sum, { callee }) => sum + 1 + countOf(callee?.jobs ?? []), 0);
}

/** Without what is there twice, and what the box does not ask for. */
function bare({ model, workflow, resolved, lacks, callee }: PreparedJob): PreparedJob {
  return {
    model: model.kind === "steps" ? { ...model, steps: [] } : model,
    workflow: withoutJobs(workflow),
    resolved,
    lacks: lacks.filter(({ level }) => level !== "note"),
    callee: callee === null ? null : { workflow: withoutJobs(callee.workflow), jobs: callee.jobs.map(bare) },
  };
}

function withoutJobs(workflow: WorkflowModel): WorkflowModel {
  return { ...workflow, on: null, jobs: [] };
}
