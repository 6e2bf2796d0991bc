import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { HydratePhase, JobPhase } from "../../runner-bootstrap/boxd/task.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { Run, RunOptions } from "../store/rows.ts";

export type WorkflowFile = { readonly path: string; readonly text: string };

/** What of a run its set-up depends on. */
export type HydrationRun = Pick<
  Run,
  | "id"
  | "actor"
  | "baseRef"
  | "baseSha"
  | "checkoutSha"
  | "headRef"
  | "headSha"
  | "pullRequest"
  | "trustDomain"
> & { readonly options: Pick<RunOptions, "hydrate" | "job" | "stepsFrom"> };

export type HydratePlan =
  /** `reason` is a half sentence. */
  | { readonly kind: "none"; readonly reason: string }
  | {
      readonly kind: "plan";
      /** The workflow's path. */
      readonly path: string;
      readonly job: string;
      readonly phase: HydratePhase;
      /** What its steps may have of secrets and of GitHub. */
      readonly grants: Grants;
      /** Why this job, and why its steps end there; what a step may lack. Sentences. */
      readonly notes: readonly string[];
    }
  /** The run is of a whole job, which is its execution. */
  | {
      readonly kind: "job";
      /** The workflow's path. */
      readonly path: string;
      readonly job: string;
      readonly phase: JobPhase;
      /** What its steps may have of secrets and of GitHub. */
      readonly grants: Grants;
      /** What it needs first; what a step may lack. Sentences. */
      readonly notes: readonly string[];
    }
  /** The run is of a whole job whose condition is false; a half sentence. */
  | { readonly kind: "skipped"; readonly reason: string }
  | ({ readonly kind: "refused" } & Refusal);

/** Why nothing runs: the set-up cannot be had as it was meant. */
export type Refusal = {
  /** The file, with the line where one is known: `.github/workflows/ci.yml:12`. */
  readonly place: string;
  /** The step or job as shown; empty when it is the file as a whole. */
  readonly step: string;
  /** A half sentence after the step's name, without a full stop. */
  readonly reason: string;
};

/** The branch and commit whose workflows prepare the box; of code that nobody vouches for always the base's, whatever was asked. */
export function stepsCommit(
  run: Pick<HydrationRun, "options" | "baseRef" | "baseSha" | "headRef" | "headSha" | "trustDomain">,
): { readonly from: "base" | "head"; readonly ref: string; readonly sha: string } {
  return run.options.stepsFrom === "head" && !isUntrusted(run.trustDomain)
    ? { from: "head", ref: run.headRef, sha: run.headSha }
    : { from: "base", ref: run.baseRef, sha: run.baseSha };
}

/** A refusal in one sentence. */
export function refusalText({ place, step, reason }: Refusal): string {
  return `${place}${step === "" ? "" : `, "${step}"`}: ${reason}.`;
}
