import type { Cut, CutAsked } from "../hydrate/choose/cut.ts";
import { chooseJob, type Asked, type Candidate } from "../hydrate/choose/choose-job.ts";
import { cutSteps } from "../hydrate/choose/cut.ts";
import { explainPlan } from "../hydrate/explain/explain.ts";
import type { Explanation } from "../hydrate/explain/types.ts";
import { callEntrance } from "../hydrate/call-entrance.ts";
import type { StepsJob } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { ActionSource } from "../hydrate/action-source.ts";
import type { Fault } from "../hydrate/read/fault.ts";
import { readWorkflow } from "../hydrate/read/read.ts";
import { findWorkflows } from "./find-workflows.ts";
import type { JobOptions } from "./options.ts";
import { planOne } from "./plan-one.ts";
import { repositoryFacts } from "./repository-facts.ts";

export type Explained =
  | {
      readonly kind: "explained";
      readonly workflow: string;
      readonly job: string;
      /** Why this job, and why its steps end there. */
      readonly reasons: readonly string[];
      readonly explanation: Explanation;
    }
  | { readonly kind: "ask"; readonly message: string; readonly candidates: readonly Candidate[] }
  | { readonly kind: "none"; readonly message: string; readonly hint: string };

/**
 * What a hydration of the working tree would do: the job, where its steps are cut, what each step needs. Workflows that cannot be read
 * are `faults` and take no part; `warnings` are of the chosen one. Throws `AppError` for a path that is no repository and a workflow that is not there.
 */
export async function explainRepository(
  { source, path: programs }: { readonly source: ActionSource; readonly path: string },
  options: JobOptions,
  cut: CutAsked | undefined,
): Promise<{
  readonly explained: Explained;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}> {
  const facts = await repositoryFacts(options.repo);
  const { files, isFolder } = findWorkflows(facts.root, options.workflow);
  const read = files.map(({ path, text }) => readWorkflow(path, text));
  const faults = read.flatMap((one) => ("faults" in one ? one.faults : []));
  const workflows = read.flatMap((one) => ("workflow" in one ? [one.workflow] : []));
  const warningsOf = (path: string) =>
    read.flatMap((one) => ("workflow" in one && one.workflow.path === path ? one.warnings : []));
  const [only] = workflows;
  const asked: Asked = {
    by: "by name",
    ...(options.job === null ? {} : { job: options.job }),
    ...(isFolder || only === undefined ? {} : { workflow: only.path }),
  };
  const choice = chooseJob(workflows, asked);
  if (workflows.length === 0 && faults.length > 0)
    return {
      explained: {
        kind: "none",
        message: "No workflow can be read.",
        hint: "Mend the faults, then ask again.",
      },
      faults,
      warnings: [],
    };
  if (choice.kind !== "chosen") return { explained: choice, faults, warnings: [] };
  const { workflow, job } = choice;
  // All steps are shown, with the cut between them.
  const entrance = job.kind === "call" ? callEntrance(job, true, wholeOf) : null;
  const planned = await planOne(
    {
      source,
      facts,
      options: { ...options, job: job.id, only: true },
      path: programs,
      isDry: true,
      ...(entrance === null ? {} : { enter: entrance.enter }),
    },
    workflow,
  );
  const reasons = [choice.reason];
  const cuts: Record<string, Cut> = {};
  const found = entrance?.found() ?? null;
  if (found !== null) reasons.push(...("fault" in found ? [`${found.fault}.`] : found.reasons));
  const steps = job.kind === "steps" ? job : found === null || "fault" in found ? null : found.model;
  if (steps !== null) {
    const result = cutSteps(steps, cut);
    if (result.kind === "unknown")
      return {
        explained: { kind: "none", message: result.message, hint: result.hint },
        faults,
        warnings: [],
      };
    cuts[found !== null && "id" in found ? found.id : job.id] = result.cut;
    reasons.push(result.cut.reason);
  }
  const explanation = explainPlan({ ...planned.plan, jobs: planned.jobs }, { facts: planned.runFacts, cuts });
  return {
    explained: { kind: "explained", workflow: workflow.path, job: job.id, reasons, explanation },
    faults,
    warnings: warningsOf(workflow.path),
  };
}

function wholeOf({ steps }: StepsJob): Cut {
  return { run: steps.map((_step, index) => index), leftOut: [], at: null, reason: "" };
}
