import { leftOut } from "../../runner-bootstrap/boxd/steps/jobs/run-jobs.ts";
import type { JobsPlan, PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { ActionSource } from "./action-source.ts";
import { plain } from "./choose-hydrate.ts";
import type { WholeJob } from "./choose-whole.ts";
import type { JobAsked } from "./hydrate-asked.ts";
import type { Refusal } from "./hydrate-plan.ts";
import { jobsPlan, legFault, matrixFault } from "./jobs-plan.ts";
import { neededArchives, partsOf } from "./needed-archives.ts";
import type { Pins } from "./plan/pins.ts";
import { planWorkflow } from "./plan/plan-workflow.ts";
import type { Archive, RunFacts } from "./plan/types.ts";
import { stopOf } from "./stop-of.ts";

export type PlannedWhole =
  /** Its condition is false; a half sentence. */
  | { readonly kind: "skipped"; readonly reason: string }
  | {
      readonly kind: "job";
      readonly jobs: JobsPlan;
      readonly archives: readonly Archive[];
      readonly notes: readonly string[];
    }
  | ({ readonly kind: "refused" } & Refusal);

/**
 * A job with all its steps, and those it needs unless `only` leaves them out. What is known beforehand is decided here, before a box is
 * taken: a condition that is false, a combination that is not there, an action that cannot be had.
 */
export async function planWhole(
  deps: { readonly source: ActionSource; readonly pins: Pins },
  { workflow, job }: WholeJob,
  { matrix = {}, only }: JobAsked,
  facts: RunFacts,
): Promise<PlannedWhole> {
  const planned = await planWorkflow(
    { source: deps.source, readOwn: (path) => deps.pins.text({ kind: "own" }, path) },
    {
      workflow: only === true ? { ...workflow, jobs: [job] } : workflow,
      facts,
      jobs: [job.id],
      pins: deps.pins,
    },
  );
  const { jobs, prepared, frame } = planned;
  const refused = (reason: string): PlannedWhole => ({
    kind: "refused",
    place: `${workflow.path}:${job.place.line}`,
    step: job.id,
    reason,
  });
  const target = jobs.find(({ id }) => id === job.id);
  if (target === undefined) return refused("is not there");
  const early = jobs.length === 1 ? decided(target, jobs, matrix) : null;
  if (early?.kind === "skipped") return early;
  const stop = stopOf(jobs, target.id, workflow.path);
  if (stop !== null) return stop;
  const fault = early?.reason ?? matrixFault(job, matrix, frame);
  if (fault !== null) return refused(fault);
  const made = jobsPlan({ target: target.id, matrix }, prepared, frame);
  if (made.kind === "fault") return refused(made.reason);
  const needed = jobs.filter((one) => one !== target).map(({ id }) => `\`${id}\``);
  const lacks = jobs.flatMap((one) =>
    one.lacks.filter(({ level }) => level === "lack").map(({ reason }) => reason),
  );
  return {
    kind: "job",
    jobs: made.jobs,
    archives: neededArchives(partsOf(prepared), planned.archives, facts),
    notes: [
      ...(needed.length === 0 ? [] : [`First, on the same box, what it needs: ${needed.join(", ")}.`]),
      ...lacks,
    ],
  };
}

type Decided =
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "fault"; readonly reason: string };

/** What a job that waits for nobody will come to, where that is known already: null when it will run. */
function decided(
  target: PlannedJob,
  jobs: readonly PlannedJob[],
  matrix: JobsPlan["matrix"],
): Decided | null {
  const start = target.start({ ended: leftOut(jobs), cancelled: false });
  switch (start.kind) {
    case "skipped":
      return { kind: "skipped", reason: plain(start.reason) };
    case "failed":
      return { kind: "fault", reason: plain(start.reason) };
    case "runs":
    case "calls": {
      const legs: readonly { readonly leg: (typeof start.legs)[number]["leg"] }[] = start.legs;
      const fault = legFault(
        legs.map(({ leg }) => leg),
        matrix,
      );
      return fault === null ? null : { kind: "fault", reason: fault };
    }
  }
}
