import type { JobsPlan, PreparedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { JobPlan, PlanAction, PlanStep } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Attempt } from "../store/rows.ts";

/** A step by what it is called: scripts, inputs and environments are left out, values may stand in them. */
type StepShown = {
  readonly kind: PlanStep["kind"];
  readonly id?: string;
  /** As written, expressions unevaluated. */
  readonly name?: string;
  readonly uses?: string;
  readonly at: string;
  readonly steps?: readonly StepShown[];
};

type JobShown = {
  readonly job: string;
  readonly workflow: string;
  readonly steps: readonly StepShown[];
  readonly actions: readonly ActionShown[];
  readonly calls?: readonly JobShown[];
};

type ActionShown = {
  readonly name: string;
  /** Null for a local action. */
  readonly ref: string | null;
  readonly sha: string | null;
  readonly from: string;
};

/** What an attempt's steps were planned to be, actions with their commits; null without steps. */
export function planDocument({ task }: Pick<Attempt, "task">): object | null {
  const { hydrate, job, hydrated } = task ?? {};
  if (hydrate === undefined && job === undefined)
    return hydrated === undefined ? null : { set_up_before: hydrated };
  const jobs = job?.jobs ?? hydrate?.jobs;
  const plan = hydrate?.plan ?? null;
  const shown = jobs === undefined ? (plan === null ? [] : [ofPlan(plan)]) : ofJobs(jobs);
  return {
    ...(hydrate === undefined ? {} : { fingerprint: hydrate.fingerprint }),
    ...(jobs === undefined ? {} : { target: jobs.target, matrix: jobs.matrix }),
    jobs: shown,
    archives: (job?.archives ?? hydrate?.archives ?? []).map(({ archive, sha256 }) => ({ archive, sha256 })),
  };
}

function ofPlan({ job, workflow, steps, actions }: JobPlan): JobShown {
  return { job, workflow: workflow.path, steps: steps.map(ofStep), actions: ofActions(actions) };
}

function ofJobs({ prepared }: JobsPlan): readonly JobShown[] {
  return prepared.map(ofPrepared);
}

function ofPrepared({ model, workflow, resolved, callee }: PreparedJob): JobShown {
  return {
    job: model.id,
    workflow: workflow.path,
    steps: resolved.steps.map(ofStep),
    actions: ofActions(resolved.actions),
    ...(callee === null ? {} : { calls: callee.jobs.map(ofPrepared) }),
  };
}

function ofStep(step: PlanStep): StepShown {
  const { kind, id, name, place } = step;
  return {
    kind,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(step.kind === "uses" ? { uses: step.uses } : {}),
    at: `${place.path}:${place.line}`,
    ...(step.kind === "parallel" ? { steps: step.steps.map(ofStep) } : {}),
  };
}

function ofActions(actions: Readonly<Record<string, PlanAction>>): readonly ActionShown[] {
  return Object.values(actions).map(({ name, ref, sha, source }) => ({
    name,
    ref: ref ?? null,
    sha: sha ?? null,
    from: source.kind,
  }));
}
