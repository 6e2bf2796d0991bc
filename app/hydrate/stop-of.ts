import type { JobModel, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { Lack, PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import { plain } from "./choose-hydrate.ts";
import { labelOf } from "./choose/cut.ts";
import type { Refusal } from "./hydrate-plan.ts";

/**
 * What keeps the target from running on a box, or a job that it needs and that has no condition: one with a condition may be skipped, which
 * only the box sees. Null when nothing does.
 */
export function stopOf(
  jobs: readonly PlannedJob[],
  target: string,
  path: string,
): ({ readonly kind: "refused" } & Refusal) | null {
  for (const { id, model, lacks } of jobs) {
    const stop = lacks.find(({ level }) => level === "stop");
    if (stop !== undefined && (id === target || model.if === undefined)) return refusedFor(stop, model, path);
  }
  return null;
}

function refusedFor(
  { name, reason, place }: Lack,
  model: JobModel,
  path: WorkflowModel["path"],
): { readonly kind: "refused" } & Refusal {
  const steps = model.kind === "steps" ? model.steps : [];
  const at = steps.findIndex(
    (step) => step.kind === "uses" && step.usesPlace.line === place.line && place.path === path,
  );
  return {
    kind: "refused",
    place: `${place.path}:${place.line}`,
    step: at === -1 ? name : labelOf(steps, at),
    reason: plain(reason),
  };
}
