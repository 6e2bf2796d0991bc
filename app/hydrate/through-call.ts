import { chooseLegs } from "../../runner-bootstrap/boxd/steps/jobs/matrix-choice.ts";
import type { JobsPlan, LegCall, LegPlan, PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { CallEntrance, Found } from "./call-entrance.ts";
import { plain } from "./choose-hydrate.ts";
import { jobsPlan, legFault, matrixFault } from "./jobs-plan.ts";
import type { Had } from "./plan-hydrate.ts";
import type { WorkflowPlan } from "./plan/types.ts";
import { allowedHint } from "./read/complain.ts";
import { shownPlan } from "./shown-plan.ts";

/** Of a call whose workflow cannot be had; the plan has the reason. */
const NOT_HAD = "calls a workflow that cannot be had";

/**
 * A chosen job that calls another workflow. What it hands on is bound on the box, where the secrets are; whether it will run, and with
 * which inputs, is decided here where that is known already.
 */
export function throughCall(
  target: PlannedJob,
  matrix: JobsPlan["matrix"],
  planned: Pick<WorkflowPlan, "prepared" | "frame">,
  entrance: CallEntrance,
): Had {
  const found = entrance.found();
  if (found === null) return { kind: "fault", reason: NOT_HAD };
  if ("fault" in found) return { kind: "fault", reason: found.fault };
  const early = target.needs.length === 0 ? decided(target, found, matrix) : null;
  if (early !== null) return early;
  const inner = calledBy(target).find(({ id }) => id === found.id);
  if (inner === undefined) return { kind: "fault", reason: NOT_HAD };
  const fault = target.model.strategy === undefined ? null : matrixFault(target.model, matrix, planned.frame);
  if (fault !== null) return { kind: "fault", reason: fault };
  const made = jobsPlan({ target: target.id, inner: found.id, matrix }, planned.prepared, planned.frame);
  if (made.kind === "fault") return made;
  const all = [target, ...calledBy(target)];
  return {
    kind: "had",
    plan: shownPlan(inner, planned.frame),
    jobs: made.jobs,
    isAlone: all.every(({ needs }) => needs.length === 0),
    notes: found.reasons,
  };
}

/** All jobs of the workflows that a job calls. */
export function calledBy({ called }: PlannedJob): readonly PlannedJob[] {
  return called.flatMap((job) => [job, ...calledBy(job)]);
}

/** Why nothing will run, or null: also where only the box can tell. */
function decided(
  job: PlannedJob,
  found: Found,
  matrix: JobsPlan["matrix"],
): Extract<Had, { kind: "none" | "fault" }> | null {
  const start = job.start({ ended: new Map(), cancelled: false });
  if (start.kind === "skipped")
    return { kind: "none", reason: `the job \`${job.id}\` is skipped: ${plain(start.reason)}` };
  if (start.kind === "failed") return { kind: "fault", reason: plain(start.reason) };
  const every: readonly { readonly leg: LegPlan["leg"] }[] = start.legs;
  const legs = every.map(({ leg }) => leg);
  // The first matrix on the way is the one that was asked about.
  const isFirst = job.model.strategy !== undefined || job.model.kind === "steps";
  const asked = isFirst ? matrix : {};
  const fault = legFault(legs, asked);
  if (fault !== null) return { kind: "fault", reason: fault };
  if (start.kind === "runs") return null;
  const chosen = chooseLegs(legs, asked, allowedHint);
  const first = chosen.kind === "legs" ? chosen.legs[0] : undefined;
  const call = start.legs.find((one: LegCall) => one.leg === first);
  const next = call?.jobs.find(({ id }) => id === found.id || found.id.startsWith(`${id} / `));
  return next === undefined || next.needs.length > 0 ? null : decided(next, found, isFirst ? {} : matrix);
}
