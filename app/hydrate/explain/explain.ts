import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { namesFrom } from "../plan/texts.ts";
import type { Ended, JobStart, Lack, PlannedJob } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { RunFacts, WorkflowPlan } from "../plan/types.ts";
import type { Cut } from "../choose/cut.ts";
import { lacksBeforeCut } from "./behind-cut.ts";
import { stepRows } from "./step-rows.ts";
import type { ExplainedJob, Explanation, JobVerdict } from "./types.ts";

export type ExplainAsked = {
  readonly facts: RunFacts;
  /** What of a job's steps runs when only its set-up does, by the job's id (`cutSteps` in app/hydrate/choose). */
  readonly cuts?: Readonly<Record<string, Cut>>;
};

/**
 * What a plan will do, without doing it: jobs that others wait for are taken to end well. Called workflows' jobs stand behind their
 * caller. Never throws for what the workflow says. `explanationText(explainPlan(plan, { facts }))`
 */
export function explainPlan(plan: WorkflowPlan, asked: ExplainAsked): Explanation {
  const jobs = explainJobs(plan.jobs, asked);
  const has = (verdict: JobVerdict): boolean => jobs.some((job) => job.verdict === verdict);
  const verdict = has("cannot") ? "cannot" : has("lacking") ? "lacking" : "runs";
  return { verdict, jobs };
}

function explainJobs(jobs: readonly PlannedJob[], asked: ExplainAsked): readonly ExplainedJob[] {
  const others = jobs.flatMap(({ id, needs }) => [id, ...needs]);
  const ended = new Map<string, Ended>(others.map((id) => [id, { result: "success", outputs: {} }]));
  return jobs.flatMap((job) => {
    const start = job.start({ ended, cancelled: false });
    const below = start.kind === "calls" ? start.legs[0]?.jobs : undefined;
    return [explainJob(job, start, asked), ...explainJobs(below ?? job.called, asked)];
  });
}

function explainJob(job: PlannedJob, start: JobStart, { facts, cuts }: ExplainAsked): ExplainedJob {
  const { model } = job;
  const first = start.kind === "runs" ? start.legs[0]?.plan : undefined;
  const { github, vars, inputs } = first?.contexts ?? facts;
  const isOpen = job.needs.length > 0;
  const known: Readonly<Record<string, Yaml>> = {
    github,
    vars,
    inputs,
    // One run's matrix says nothing about the others'; what needed jobs give is not known.
    ...(start.kind === "runs" && start.legs.length === 1 && !isOpen
      ? { matrix: first?.contexts.matrix ?? {} }
      : {}),
  };
  const cut = cuts?.[job.id];
  const lacks = lacksBeforeCut(job, cut);
  const body =
    model.kind === "steps"
      ? { ...model, place: null, workflow: job.workflow.env }
      : { with: model.with, secrets: model.secrets };
  return {
    id: job.id,
    ...verdictOf(job, start, lacks),
    needs: job.needs,
    runs: start.kind === "runs" && !dependsOnNeeds(job) ? start.legs.map(({ plan }) => plan.name) : [],
    leftOut:
      start.kind === "runs"
        ? start.leftOut.map(({ leg, refused }) => ({ matrix: leg.matrix, reason: refused }))
        : [],
    calls: model.kind === "call" ? model.uses : null,
    steps: stepRows({ ...job.resolved, known, ...(cut === undefined ? {} : { cut }) }),
    secrets: namesFrom("secrets", body).map((name) => ({ name, given: isGiven(job, "secret", name) })),
    variables: namesFrom("vars", body).map((name) => ({ name, given: isGiven(job, "variable", name) })),
    lacks,
  };
}

function verdictOf(
  job: PlannedJob,
  start: JobStart,
  lacks: readonly Lack[],
): { readonly verdict: JobVerdict; readonly reason: string } {
  const isStop = ({ level }: Lack): boolean => level === "stop";
  const isStopped = lacks.some(isStop);
  // Stopped only by what a step behind the cut asks for.
  const isFree = !isStopped && job.lacks.some(isStop);
  if (start.kind === "failed" && !isFree) {
    if (isStopped || !dependsOnNeeds(job)) return { verdict: "cannot", reason: start.reason };
    return { verdict: "depends", reason: `decided by what ${job.needs.join(", ")} give` };
  }
  if (start.kind === "skipped") {
    if (dependsOnNeeds(job) || /\b(?:failure|cancelled)\s*\(/iu.test(job.model.if ?? ""))
      return { verdict: "depends", reason: `if ${(job.model.if ?? "").trim()}` };
    return { verdict: "skipped", reason: start.reason };
  }
  const lack = lacks.find(({ level }) => level === "lack");
  if (lack !== undefined) return { verdict: "lacking", reason: lack.reason };
  return { verdict: "runs", reason: "" };
}

/** True when the job's condition, matrix or machine is made from what other jobs give. */
function dependsOnNeeds({ model }: PlannedJob): boolean {
  const text = JSON.stringify([
    model.if ?? "",
    model.strategy ?? "",
    model.kind === "steps" ? model.runsOn : model.with,
  ]);
  return model.needs.length > 0 && /\bneeds\s*[.[]/iu.test(text);
}

function isGiven(job: PlannedJob, about: "secret" | "variable", name: string): boolean {
  return !job.lacks.some((lack) => lack.about === about && lack.name.toLowerCase() === name.toLowerCase());
}
