import type { StepModel, StepsJob } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { alsoPrepares, endsSetUp, purposeOf } from "./step-purpose.ts";

/** A step with this id ends the set-up, whatever the rule says. */
export const MARKER_ID = "crabbox";
/** So does this action, under any owner: `OWNER/crabbox-app/actions/marker@REF`, `./actions/crabbox-marker`. */
export const MARKER_ACTION = /(?:^|\/)crabbox(?:-app)?(?:\/|-)(?:actions\/)?marker(?:@|$)/iu;

/** What of a job's steps prepares a box. Indexes count from 0 into the job's steps. */
export type Cut = {
  /** These run, in order. */
  readonly run: readonly number[];
  /** Before the cut, but they prepare nothing: they only check or report. */
  readonly leftOut: readonly { readonly index: number; readonly reason: string }[];
  /** The first step that does not run; null when all do. */
  readonly at: number | null;
  /** Why there: one sentence for people. */
  readonly reason: string;
};

/** Where to cut instead: before a step named by its id, its name or its number from 1, or not at all. */
export type CutAsked = { readonly before: string } | { readonly all: true };

export type CutResult =
  | { readonly kind: "cut"; readonly cut: Cut }
  | { readonly kind: "unknown"; readonly message: string; readonly hint: string };

/**
 * Which steps of a job run before the user's command: as asked, else all before the marker, else all up to the first that tests, releases,
 * or deploys by the rule. By the rule, steps that only check style or upload are left out; a marker keeps them.
 */
export function cutSteps(job: Pick<StepsJob, "id" | "steps">, asked?: CutAsked): CutResult {
  const { steps } = job;
  if (asked !== undefined && "all" in asked)
    return { kind: "cut", cut: upTo(null, steps, "All steps were asked for.") };
  if (asked !== undefined) {
    const at = find(steps, asked.before);
    if (at !== null)
      return { kind: "cut", cut: upTo(at, steps, `It was asked to stop before ${labelOf(steps, at)}.`) };
    const names = steps.map((_step, index) => labelOf(steps, index)).slice(0, 30);
    return {
      kind: "unknown",
      message: `The job \`${job.id}\` has no step \`${asked.before}\`.`,
      hint: `Name one by id, name or number: ${names.join(", ")}.`,
    };
  }
  const marker = steps.findIndex(isMarker);
  if (marker >= 0)
    return { kind: "cut", cut: upTo(marker, steps, `${labelOf(steps, marker)} is the marker.`) };
  return { kind: "cut", cut: byRule(steps) };
}

/** A step as shown: its number from 1 and its name, action or first line. */
export function labelOf(steps: readonly StepModel[], index: number): string {
  const step = steps[index];
  if (step === undefined) return `step ${index + 1}`;
  const own =
    step.kind === "uses"
      ? step.uses
      : step.kind === "run"
        ? (step.run.trim().split("\n")[0] ?? "")
        : step.kind;
  return `step ${index + 1} (${(step.name ?? own).slice(0, 80)})`;
}

function byRule(steps: readonly StepModel[]): Cut {
  const purposes = steps.map(purposeOf);
  const at = purposes.findIndex((found) => found !== null && endsSetUp(found.purpose));
  const end = at < 0 ? steps.length : at;
  const leftOut: { index: number; reason: string }[] = [];
  const run: number[] = [];
  for (let index = 0; index < end; index += 1) {
    const found = purposes[index] ?? null;
    if (found === null) run.push(index);
    else
      leftOut.push({ index, reason: `only ${VERBS[found.purpose]}: \`${found.command}\` (${found.rule})` });
  }
  const found = purposes[at];
  if (found === undefined || found === null)
    return { run, leftOut, at: null, reason: "No step tests, releases or deploys, so all that prepare run." };
  return {
    run,
    leftOut,
    at,
    reason: `${labelOf(steps, at)} ${VERBS[found.purpose]}: \`${found.command}\` (${found.rule}).${mixed(steps[at])}`,
  };
}

const VERBS = {
  test: "tests",
  release: "releases",
  deploy: "deploys",
  upload: "uploads",
  lint: "checks",
} as const;

function mixed(step: StepModel | undefined): string {
  if (step === undefined || !alsoPrepares(step)) return "";
  return ` It also does other things first; split it, or mark the end of the set-up with \`id: ${MARKER_ID}\`.`;
}

function upTo(at: number | null, steps: readonly StepModel[], reason: string): Cut {
  const end = at ?? steps.length;
  return { run: Array.from({ length: end }, (_nothing, index) => index), leftOut: [], at, reason };
}

function isMarker(step: StepModel): boolean {
  return step.id?.toLowerCase() === MARKER_ID || (step.kind === "uses" && MARKER_ACTION.test(step.uses));
}

function find(steps: readonly StepModel[], name: string): number | null {
  const folded = name.toLowerCase();
  for (const matches of [
    (step: StepModel) => step.id?.toLowerCase() === folded,
    (step: StepModel) => step.name?.toLowerCase() === folded,
    (_step: StepModel, index: number) => String(index + 1) === name,
  ]) {
    const at = steps.findIndex(matches);
    if (at >= 0) return at;
  }
  return null;
}
