import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { ActionSource } from "./action-source.ts";
import { plain, type ChosenJob } from "./choose-hydrate.ts";
import type { Refusal } from "./hydrate-plan.ts";
import type { Pins } from "./plan/pins.ts";
import { isAnsweredCheckout } from "./plan/checkout.ts";
import { planWorkflow } from "./plan/plan-workflow.ts";
import type { Lack } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { Archive, RunFacts } from "./plan/types.ts";
import { labelOf } from "./choose/cut.ts";

export type PlannedHydration =
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "plan";
      readonly plan: JobPlan;
      readonly archives: readonly Archive[];
      readonly notes: readonly string[];
    }
  | ({ readonly kind: "refused" } & Refusal);

/**
 * The chosen job as the engine takes it, the first combination of a matrix, and the trees it needs on the box. What stops it refuses,
 * naming file, line and step; what only may be missing is a note.
 */
export async function planHydrate(
  deps: { readonly source: ActionSource; readonly pins: Pins },
  { workflow, job, reasons }: ChosenJob,
  facts: RunFacts,
): Promise<PlannedHydration> {
  const planned = await planWorkflow(
    { source: deps.source, readOwn: (path) => deps.pins.text({ kind: "own" }, path) },
    { workflow, facts, pins: deps.pins },
  );
  const place = `${workflow.path}:${job.place.line}`;
  const [only] = planned.jobs;
  const start = only?.start({ ended: new Map(), cancelled: false });
  if (only === undefined || start === undefined || start.kind === "calls")
    return { kind: "refused", place, step: job.id, reason: "calls another workflow; name a job with steps" };
  if (start.kind === "skipped")
    return { kind: "none", reason: `the job \`${job.id}\` is skipped: ${plain(start.reason)}` };
  const stop = only.lacks.find(({ level }) => level === "stop");
  if (stop !== undefined) return refusedFor(stop, { workflow, job });
  if (start.kind === "failed") return { kind: "refused", place, step: job.id, reason: plain(start.reason) };
  const [leg, ...others] = start.legs;
  if (leg === undefined) return { kind: "refused", place, step: job.id, reason: "has no combination to run" };
  if (leg.plan.steps.length === 0)
    return { kind: "none", reason: `no step of the job \`${job.id}\` prepares anything` };
  const lacks = only.lacks.filter(({ level }) => level === "lack").map(({ reason }) => reason);
  const matrix =
    others.length === 0 ? [] : [`Of its ${others.length + 1} combinations the first: ${leg.plan.name}.`];
  return {
    kind: "plan",
    plan: leg.plan,
    archives: neededArchives(leg.plan, planned.archives, facts),
    notes: [...reasons, ...matrix, ...lacks],
  };
}

/** The trees that some action is run from; checkout of the commit that is there needs no code. */
function neededArchives(
  plan: JobPlan,
  archives: readonly Archive[],
  { ownArchive, github, synced }: RunFacts,
): readonly Archive[] {
  const answered = new Set<string>();
  const run = new Set<string>();
  for (const step of plan.steps) {
    if (step.kind !== "uses") continue;
    (isAnsweredCheckout(step) ? answered : run).add(step.action);
  }
  const carried = new Set<string>();
  for (const [key, { source }] of Object.entries(plan.actions)) {
    const isUnused = answered.has(key) && !run.has(key);
    if (source.kind === "archive" && !isUnused) carried.add(source.archive);
  }
  const sha = github["workflow_sha"];
  const own =
    ownArchive === null || typeof sha !== "string"
      ? []
      : [{ archive: ownArchive, nwo: synced.repository, sha }];
  return [...own, ...archives.filter(({ archive }) => archive !== ownArchive)].filter(({ archive }) =>
    carried.has(archive),
  );
}

function refusedFor(
  { name, reason, place }: Lack,
  { workflow, job }: Pick<ChosenJob, "workflow" | "job">,
): PlannedHydration {
  const at = job.steps.findIndex(
    (step) => step.kind === "uses" && step.usesPlace.line === place.line && place.path === workflow.path,
  );
  return {
    kind: "refused",
    place: `${place.path}:${place.line}`,
    step: at === -1 ? name : labelOf(job.steps, at),
    reason: plain(reason),
  };
}
