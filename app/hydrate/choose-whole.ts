import type { JobModel, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { chooseJob } from "./choose/choose-job.ts";
import { faultOf, isFile, listOf, plain, type ReadWorkflows } from "./choose-hydrate.ts";
import type { JobAsked } from "./hydrate-asked.ts";
import type { Refusal } from "./hydrate-plan.ts";

export type WholeJob = {
  readonly kind: "job";
  readonly workflow: WorkflowModel;
  readonly job: JobModel;
};

/**
 * The job that somebody asked to run whole. Two workflows with such a job are a question, however much one looks like tests: what runs
 * here may release or deploy. A file that cannot be read refuses when it is the one meant, or when the job is in no other.
 */
export function chooseWhole(
  { workflows, broken }: ReadWorkflows,
  { workflow: file, job }: JobAsked,
): WholeJob | ({ readonly kind: "refused" } & Refusal) {
  const wanted = file?.toLowerCase();
  const meant = broken.find(({ fault }) => wanted !== undefined && isFile(fault.path, wanted));
  if (meant !== undefined) return faultOf(meant.fault);
  const having = workflows.filter(({ jobs }) =>
    jobs.some(({ id }) => id.toLowerCase() === job.toLowerCase()),
  );
  const refused = (reason: string) =>
    ({ kind: "refused", place: ".github/workflows", step: job, reason }) as const;
  if (file === undefined && having.length > 1)
    return refused(
      `several workflows have such a job; name one: ${listOf(having.map(({ path }) => ({ workflow: path, job })))}`,
    );
  const choice = chooseJob(workflows, {
    ...(file === undefined ? {} : { workflow: file }),
    job,
    by: "by name",
  });
  if (choice.kind === "chosen") return { kind: "job", workflow: choice.workflow, job: choice.job };
  const [unread] = file === undefined ? broken : [];
  if (choice.kind === "none" && unread !== undefined) return faultOf(unread.fault);
  return refused(
    plain(`${choice.message} ${choice.kind === "none" ? choice.hint : listOf(choice.candidates)}`),
  );
}
