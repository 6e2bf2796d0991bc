import { JOB_PLAN_VERSION, type JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Frame, PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";

/** The steps of a job whose plan is made only on the box, when others have ended or secrets are there, to be shown. */
export function shownPlan({ id, model, resolved }: PlannedJob, { facts, inputs, top }: Frame): JobPlan {
  const { github, vars, synced } = facts;
  return {
    v: JOB_PLAN_VERSION,
    job: id,
    name: model.name ?? id,
    workflow: top,
    contexts: { github, vars, secrets: {}, inputs, matrix: null, strategy: {}, needs: {} },
    env: [],
    defaults: {},
    steps: resolved.steps,
    actions: resolved.actions,
    outputs: {},
    services: {},
    synced,
  };
}
