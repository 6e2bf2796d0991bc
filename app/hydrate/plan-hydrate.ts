import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { chooseLegs } from "../../runner-bootstrap/boxd/steps/jobs/matrix-choice.ts";
import type { JobsPlan, PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { ActionSource } from "./action-source.ts";
import { callEntrance } from "./call-entrance.ts";
import { plain, type ChosenJob } from "./choose-hydrate.ts";
import type { Refusal } from "./hydrate-plan.ts";
import { jobsPlan, legFault, matrixFault } from "./jobs-plan.ts";
import { neededArchives, partsOf } from "./needed-archives.ts";
import type { Pins } from "./plan/pins.ts";
import { planWorkflow } from "./plan/plan-workflow.ts";
import type { Archive, RunFacts, WorkflowPlan } from "./plan/types.ts";
import { allowedHint } from "./read/complain.ts";
import { shownPlan } from "./shown-plan.ts";
import { stopOf } from "./stop-of.ts";
import { calledBy, throughCall } from "./through-call.ts";

export type PlannedHydration =
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "plan";
      readonly plan: JobPlan;
      /** In the plan's stead on the box: the job waits for others. The plan then only shows its steps. */
      readonly jobs?: JobsPlan;
      /** These jobs wait for no others: what is installed, not every commit, makes their set-up another one. */
      readonly isAlone?: boolean;
      readonly archives: readonly Archive[];
      readonly notes: readonly string[];
    }
  | ({ readonly kind: "refused" } & Refusal);

/**
 * The chosen job as the engine takes it, the combination of its matrix that is asked for or the first, the jobs it needs, and the trees
 * they need on the box. What stops it refuses, naming file, line and step; what only may be missing is a note.
 */
export async function planHydrate(
  deps: { readonly source: ActionSource; readonly pins: Pins },
  { workflow, job, reasons, matrix, needs }: ChosenJob,
  facts: RunFacts,
): Promise<PlannedHydration> {
  const entrance = job.kind === "call" ? callEntrance(job, needs) : null;
  const planned = await planWorkflow(
    { source: deps.source, readOwn: (path) => deps.pins.text({ kind: "own" }, path) },
    { workflow, facts, pins: deps.pins, ...(entrance === null ? {} : { enter: entrance.enter }) },
  );
  const target = planned.jobs.find(({ id }) => id === job.id);
  const refused = (reason: string): PlannedHydration => ({
    kind: "refused",
    place: `${workflow.path}:${job.place.line}`,
    step: job.id,
    reason,
  });
  if (target === undefined) return refused("is not there");
  const had =
    entrance !== null
      ? throughCall(target, matrix, planned, entrance)
      : target.needs.length === 0
        ? alone(target, matrix)
        : behind(target, matrix, planned);
  if (had.kind === "none") return had;
  const called = calledBy(target);
  const inner = had.kind === "had" ? (had.jobs?.inner ?? "") : "";
  const stop = stopOf(planned.jobs, target.id, workflow.path) ?? stopOf(called, inner, workflow.path);
  if (stop !== null) return stop;
  if (had.kind === "fault") return refused(had.reason);
  if (had.plan.steps.length === 0 && Object.keys(had.plan.services).length === 0)
    return { kind: "none", reason: `no step of the job \`${job.id}\` prepares anything` };
  const lacks = [...planned.jobs, ...called].flatMap((one) =>
    one.lacks.filter(({ level }) => level === "lack").map(({ reason }) => reason),
  );
  return {
    kind: "plan",
    plan: had.plan,
    ...(had.jobs === undefined ? {} : { jobs: had.jobs, isAlone: had.isAlone === true }),
    archives: neededArchives(
      had.jobs === undefined ? [had.plan] : partsOf(had.jobs.prepared),
      planned.archives,
      facts,
    ),
    notes: [...reasons, ...had.notes, ...lacks],
  };
}

/** What becomes of the chosen job. */
export type Had =
  | { readonly kind: "none"; readonly reason: string }
  | { readonly kind: "fault"; readonly reason: string }
  | {
      readonly kind: "had";
      readonly plan: JobPlan;
      readonly jobs?: JobsPlan;
      readonly isAlone?: boolean;
      readonly notes: readonly string[];
    };

/** A job that waits for nobody is decided here and now. */
function alone(target: PlannedJob, matrix: JobsPlan["matrix"]): Had {
  const start = target.start({ ended: new Map(), cancelled: false });
  if (start.kind === "skipped")
    return { kind: "none", reason: `the job \`${target.id}\` is skipped: ${plain(start.reason)}` };
  if (start.kind === "failed") return { kind: "fault", reason: plain(start.reason) };
  const plans = start.kind === "runs" ? start.legs : [];
  const legs = plans.map(({ leg }) => leg);
  const chosen = chooseLegs(legs, matrix, allowedHint);
  const fault = legFault(legs, matrix);
  const [leg, ...others] = chosen.kind === "legs" ? plans.filter((one) => chosen.legs.includes(one.leg)) : [];
  if (fault !== null || leg === undefined)
    return { kind: "fault", reason: fault ?? "has no combination to run" };
  const notes =
    others.length === 0 ? [] : [`Of its ${others.length + 1} combinations the first: ${leg.plan.name}.`];
  return { kind: "had", plan: leg.plan, notes };
}

/** One that waits for others is decided on the box. */
function behind(target: PlannedJob, matrix: JobsPlan["matrix"], planned: WorkflowPlan): Had {
  const { prepared, frame } = planned;
  const fault = matrixFault(target.model, matrix, frame);
  if (fault !== null) return { kind: "fault", reason: fault };
  const made = jobsPlan({ target: target.id, matrix }, prepared, frame);
  if (made.kind === "fault") return made;
  const names = planned.jobs.filter((job) => job !== target).map(({ id }) => `\`${id}\``);
  const notes = [`First, on the same box, what it needs: ${names.join(", ")}.`];
  return { kind: "had", plan: shownPlan(target, frame), jobs: made.jobs, notes };
}
