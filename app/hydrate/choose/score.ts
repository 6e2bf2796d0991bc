import type { JobModel, StepModel, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { purposeOf } from "./step-purpose.ts";

/** Names in the order in which people mean "the tests": the first that matches gives its points. */
const JOB_NAMES: readonly (readonly [RegExp, number])[] = [
  [/^(?:unit[-_]?)?tests?(?:[-_]?unit)?$/iu, 8],
  [/^(?:ci|build[-_]?(?:and[-_]?)?tests?|tests?[-_](?:ubuntu|linux)|(?:ubuntu|linux)[-_]tests?)$/iu, 6],
  [/^(?:build|main|linux|ubuntu|check)$/iu, 5],
  [/unit/iu, 4],
  [/tests?|spec/iu, 3],
];
const FILE_NAMES: readonly (readonly [RegExp, number])[] = [
  [
    /^(?:ci|tests?|main|build|unit[-_]?tests?|run[-_]?tests?|continuous[-_]?integration|linux|ubuntu)\.ya?ml$/iu,
    4,
  ],
  [/(?:^|[-_.])(?:ci|tests?|build|linux)(?:[-_.]|$)/iu, 2],
];
/** Words that say it is not the everyday run. */
const UNUSUAL =
  /windows|macos|mac(?:[-_]|$)|legacy|nightly|weekly|daily|cron|bench|fuzz|e2e|integration|smoke|docs?(?:[-_]|$)|lint|typing|typecheck|types?(?:[-_]|$)|compat|downstream|ecosystem|release|publish|deploy|coverage|lowest|msrv|minimal|wasm|android|ios|arm|32bit|subset|experimental|canary|custom|debug|report|website|example/iu;

export type Score = { readonly points: number; readonly why: string };

/**
 * How much a job looks like set-up plus test; null when it does not: it must have a step that tests behind one that prepares, may run on
 * Linux, and belong to a workflow that pushes or pull requests start, itself or through a workflow that calls it.
 */
export function scoreOf(workflow: WorkflowModel, job: JobModel, all: readonly WorkflowModel[]): Score | null {
  if (job.kind === "call" || isElsewhere(job.runsOn)) return null;
  const test = job.steps.findIndex((step) => purposeOf(step)?.purpose === "test");
  if (test < 0 || !job.steps.slice(0, test).some(prepares) || !isEveryday(workflow, all)) return null;
  const file = workflow.path.slice(workflow.path.lastIndexOf("/") + 1);
  const name = pointsOf(JOB_NAMES, job.id);
  const where = pointsOf(FILE_NAMES, file);
  const unusual = [job.id, file.replace(/continuous[-_]?integration/iu, "ci")].filter((one) =>
    UNUSUAL.test(one),
  ).length;
  const why = `step ${test + 1} of ${job.steps.length} tests`;
  return { points: 10 + name + where - 4 * unusual, why };
}

function pointsOf(table: readonly (readonly [RegExp, number])[], name: string): number {
  return table.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
}

/** True when every label that is written out names Windows or macOS. */
function isElsewhere(runsOn: unknown): boolean {
  const labels = Array.isArray(runsOn) ? runsOn : [runsOn];
  return labels.some(
    (label) => typeof label === "string" && !label.includes("${{") && /^(?:windows|macos)/iu.test(label),
  );
}

function prepares(step: StepModel): boolean {
  return (
    (step.kind === "uses" || step.kind === "run" || step.kind === "parallel") && purposeOf(step) === null
  );
}

function isEveryday(workflow: WorkflowModel, all: readonly WorkflowModel[]): boolean {
  const started = (one: WorkflowModel): boolean =>
    one.events.some((event) => /^(?:push|pull_request|merge_group)$/u.test(event));
  if (started(workflow)) return true;
  const file = workflow.path.slice(workflow.path.lastIndexOf("/") + 1);
  return all.some(
    (one) =>
      started(one) &&
      one.jobs.some(
        (job) =>
          job.kind === "call" && job.uses.endsWith(`/.github/workflows/${file}`) && !job.uses.includes("@"),
      ),
  );
}
