import type { Place } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Cut } from "../choose/cut.ts";
import type { Lack, PlannedJob } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";

/** What a job lacks, without what only its steps behind the cut ask for: those do not run. */
export function lacksBeforeCut(job: PlannedJob, cut: Cut | undefined): readonly Lack[] {
  const { model } = job;
  if (cut === undefined || model.kind !== "steps") return job.lacks;
  const run = new Set(cut.run);
  const skipped = model.steps
    .map(({ place }, index) => ({ place, end: model.steps[index + 1]?.place.line ?? null, index }))
    .filter(({ index }) => !run.has(index));
  return job.lacks.filter(({ place }) => !skipped.some((step) => isWithin(place, step)));
}

function isWithin(place: Place, step: { readonly place: Place; readonly end: number | null }): boolean {
  return (
    place.path === step.place.path &&
    place.line >= step.place.line &&
    (step.end === null || place.line < step.end)
  );
}
