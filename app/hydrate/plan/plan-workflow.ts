import type { JobModel, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { ancestorsOf } from "../../../runner-bootstrap/boxd/steps/jobs/ancestors.ts";
import { createPins, type Pins } from "./pins.ts";
import { plannedJobs } from "../../../runner-bootstrap/boxd/steps/jobs/planned-jobs.ts";
import { prepareJobs, type Preparing } from "./prepare-jobs.ts";
import type { Frame } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { PlanDeps, RunFacts, WorkflowPlan } from "./types.ts";

export type PlanAsked = {
  readonly workflow: WorkflowModel;
  readonly facts: RunFacts;
  /** Only these jobs and all that they need, ids compared without case; left out: every job. */
  readonly jobs?: readonly string[];
  /** What an earlier planning of the same commit has found out; left out: everything is asked anew. */
  readonly pins?: Pins;
  /** Which jobs of a called workflow; left out: all. */
  readonly enter?: Preparing["enter"];
};

/**
 * A workflow with every `uses:` pinned to a commit and every called workflow read; nothing is evaluated before a job's `start`. What
 * cannot be had is a `Lack` of its job. Never throws for what workflows or actions say; safe to repeat.
 *
 *     const plan = await planWorkflow({ source, readOwn }, { workflow, facts });
 *     await carry(plan.archives);                       // source.unpack(nwo, sha, join(actions, archive))
 *     for (const job of plan.jobs) {                    // in the order of needs
 *       const start = job.start({ ended, cancelled: false });
 *       if (start.kind === "runs") for (const { plan } of start.legs) await runJob(plan, host);
 *       if (start.kind === "calls") for (const call of start.legs) call.outputs(await all(call.jobs)); // the same, one level down
 *       ended.set(job.id, { result, outputs });
 *     }
 */
export async function planWorkflow(deps: PlanDeps, asked: PlanAsked): Promise<WorkflowPlan> {
  const { workflow, facts } = asked;
  const work: Preparing = {
    pins: asked.pins ?? createPins(deps),
    facts,
    archives: new Map(),
    calls: 0,
    enter: asked.enter,
  };
  const prepared = await prepareJobs(work, wanted(workflow.jobs, asked.jobs), {
    workflow,
    home: { kind: "own" },
    chain: [workflow.path],
    secrets: null,
    granted: undefined,
  });
  const { inputs, secrets } = facts;
  const frame: Frame = {
    facts: { github: facts.github, vars: facts.vars, synced: facts.synced },
    top: { name: workflow.name, path: workflow.path },
    inputs,
    secrets,
    idPrefix: "",
    namePrefix: "",
  };
  return { jobs: plannedJobs(prepared, frame), prepared, frame, archives: [...work.archives.values()] };
}

function wanted(jobs: readonly JobModel[], ids: readonly string[] | undefined): readonly JobModel[] {
  if (ids === undefined) return jobs;
  const asked = new Set(ids.map((id) => id.toLowerCase()));
  const direct = jobs.filter(({ id }) => asked.has(id.toLowerCase()));
  const all = new Set([...direct.map(({ id }) => id), ...direct.flatMap((job) => ancestorsOf(jobs, job))]);
  return jobs.filter(({ id }) => all.has(id));
}
