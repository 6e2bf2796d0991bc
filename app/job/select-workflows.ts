import { AppError } from "../errors.ts";
import { faultText } from "../hydrate/read/fault.ts";
import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "../hydrate/read/read.ts";
import { eventOf } from "./event-of.ts";
import { findWorkflows } from "./find-workflows.ts";
import type { JobOptions } from "./options.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import { isTriggered } from "./triggers.ts";

export type Selected = {
  readonly workflows: readonly WorkflowModel[];
  /** What is wrong with files of a folder, one text a file: they fail, the others run, as on GitHub. */
  readonly faulty: readonly string[];
  /** What of those that run means something else than it looks, one text each. */
  readonly warnings: readonly string[];
};

/**
 * The workflows that were asked for, read and checked: the one that was named whatever triggers it, of a folder those that the event
 * triggers. Throws `AppError` with every fault and its place where nothing is left to run.
 */
export function selectWorkflows(facts: RepositoryFacts, options: JobOptions): Selected {
  const { files, isFolder } = findWorkflows(facts.root, options.workflow);
  const read = files.map(({ path, text }) => readWorkflow(path, text));
  const faults = read.flatMap((one) => ("faults" in one ? one.faults : []));
  const workflows = read.flatMap((one) => ("workflow" in one ? [one.workflow] : []));
  if (faults.length > 0 && workflows.length === 0)
    throw new AppError(
      "bad_request",
      faults.map(faultText).join("\n"),
      faults.length === 1
        ? "Mend it, then run again."
        : `${faults.length} faults: mend them, then run again.`,
    );
  const faulty = read.flatMap((one) => ("faults" in one ? [one.faults.map(faultText).join("\n")] : []));
  const warningsOf = (chosen: readonly WorkflowModel[]) =>
    read.flatMap((one) =>
      "workflow" in one && chosen.includes(one.workflow) ? one.warnings.map(faultText) : [],
    );
  if (!isFolder) return { workflows, faulty, warnings: warningsOf(workflows) };
  const triggered = workflows.filter((one) => isTriggered(one.on, eventOf(one, facts, options).happening));
  if (triggered.length > 0) {
    const chosen = withJob(triggered, options);
    return { workflows: chosen, faulty, warnings: warningsOf(chosen) };
  }
  const events = [...new Set(workflows.flatMap((one) => one.events))].sort();
  throw new AppError(
    "bad_request",
    `No workflow in ${options.workflow} is triggered by "${options.event ?? "push"}".`,
    [...faulty, `Events they name: ${events.join(", ")}.`].join("\n"),
  );
}

/** Of a folder the workflows that have the job; where none has it, each would say so of itself alone. */
function withJob(
  workflows: readonly WorkflowModel[],
  { workflow, job }: JobOptions,
): readonly WorkflowModel[] {
  if (job === null) return workflows;
  const having = workflows.filter(({ jobs }) =>
    jobs.some(({ id }) => id.toLowerCase() === job.toLowerCase()),
  );
  if (having.length > 0) return having;
  throw new AppError(
    "bad_request",
    `No workflow of ${workflow} that the event triggers has a job "${job}".`,
    `Their jobs: ${[...new Set(workflows.flatMap(({ jobs }) => jobs.map(({ id }) => id)))].join(", ")}.`,
  );
}
