import type { RunOptions } from "../store/rows.ts";
import { ancestorsOf } from "../../runner-bootstrap/boxd/steps/jobs/ancestors.ts";
import { chooseJob, HYDRATE_JOB } from "./choose/choose-job.ts";
import { cutSteps } from "./choose/cut.ts";
import type { Refusal, WorkflowFile } from "./hydrate-plan.ts";
import type { Fault } from "./read/fault.ts";
import type { JobModel, StepsJob, WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "./read/read.ts";

/** Candidates named in one answer. */
const MAX_NAMED = 5;
/** The key of a job named so, wherever it stands on its line; a comment does not count. */
const MENTION = /^[^#\n]*\bhydrate["']?\s*:/imu;

/** A base commit's workflows, read. */
export type ReadWorkflows = {
  readonly workflows: readonly WorkflowModel[];
  /** The first fault of each file that cannot be read. */
  readonly broken: readonly { readonly fault: Fault; readonly mentions: boolean }[];
};

export type ChosenJob = {
  readonly kind: "job";
  /** With this job, its steps already cut, and those it needs. One that calls another workflow is as written. */
  readonly workflow: WorkflowModel;
  readonly job: JobModel;
  readonly reasons: readonly string[];
  /** Which combination of its matrix is asked for; empty: the first. */
  readonly matrix: Readonly<Record<string, string>>;
  /** Whether it may wait for other jobs. */
  readonly needs: boolean;
};

/** Reads the workflows of one commit. Without `every` only those that may have a job named `hydrate`. */
export function readWorkflows(files: readonly WorkflowFile[], every: boolean): ReadWorkflows {
  const workflows: WorkflowModel[] = [];
  const broken: { readonly fault: Fault; readonly mentions: boolean }[] = [];
  for (const { path, text } of [...files].sort((a, b) => a.path.localeCompare(b.path))) {
    if (!every && !text.toLowerCase().includes(HYDRATE_JOB)) continue;
    const read = readWorkflow(path, text);
    if ("workflow" in read) workflows.push(read.workflow);
    else if (read.faults[0] !== undefined)
      broken.push({ fault: read.faults[0], mentions: MENTION.test(text) });
  }
  return { workflows, broken };
}

/**
 * The job that prepares the box, cut: the one the run names, else the one named `hydrate`, else none. A file that cannot be read
 * refuses only when it is the one meant.
 */
export function chooseHydrate(
  { workflows, broken }: ReadWorkflows,
  asked: RunOptions["hydrate"],
): ChosenJob | { readonly kind: "none" } | ({ readonly kind: "refused" } & Refusal) {
  const named = workflows.some(({ jobs }) => jobs.some(({ id }) => id.toLowerCase() === HYDRATE_JOB));
  const wanted = asked?.workflow?.toLowerCase();
  const isAsked = wanted !== undefined || asked?.job !== undefined;
  const broke = broken.find(({ fault, mentions }) =>
    isAsked ? wanted !== undefined && isFile(fault.path, wanted) : mentions,
  );
  if (broke !== undefined) return faultOf(broke.fault);
  if (!isAsked && !named) return { kind: "none" };
  const names = {
    ...(asked?.workflow === undefined ? {} : { workflow: asked.workflow }),
    ...(asked?.job === undefined ? {} : { job: asked.job }),
  };
  const choice = chooseJob(workflows, { ...names, by: `by ${asked?.by ?? "name"}` });
  const what = asked?.job ?? asked?.workflow ?? HYDRATE_JOB;
  if (choice.kind !== "chosen") {
    const [unread] = choice.kind === "none" && asked?.workflow === undefined ? broken : [];
    if (unread !== undefined) return faultOf(unread.fault);
    const more = choice.kind === "none" ? choice.hint : listOf(choice.candidates);
    return {
      kind: "refused",
      place: ".github/workflows",
      step: what,
      reason: plain(`${choice.message} ${more}`),
    };
  }
  const { workflow, job } = choice;
  const place = `${workflow.path}:${job.place.line}`;
  if (job.needs.length > 0 && asked?.needs !== true)
    return {
      kind: "refused",
      place,
      step: job.id,
      reason: `waits for other jobs (\`needs: ${job.needs.slice(0, MAX_NAMED).join(", ")}\`), which run before a command only with \`--needs\`, or \`needs: true\` below \`hydrate\` in \`.github/crabbox.yml\``,
    };
  const needed = new Set(ancestorsOf(workflow.jobs, job));
  const meant = { matrix: asked?.matrix ?? {}, needs: asked?.needs === true };
  if (job.kind === "call") {
    const jobs = workflow.jobs.filter((one) => one === job || needed.has(one.id));
    return { kind: "job", workflow: { ...workflow, jobs }, job, reasons: [choice.reason], ...meant };
  }
  const result = cutSteps(job);
  if (result.kind === "unknown")
    return { kind: "refused", place, step: job.id, reason: plain(result.message) };
  const kept = result.cut.run.map((index) => job.steps[index]).filter((step) => step !== undefined);
  // The outputs may speak of steps that do not run, and nobody reads them.
  const cut: StepsJob = { ...job, steps: kept, outputs: {} };
  const leftOut = result.cut.leftOut.map(({ index, reason }) => `Step ${index + 1} is left out: ${reason}.`);
  return {
    kind: "job",
    workflow: { ...workflow, jobs: workflow.jobs.flatMap((one) => asPlanned(one, { cut, needed })) },
    job: cut,
    ...meant,
    reasons: [choice.reason, result.cut.reason, ...leftOut],
  };
}

/** A sentence as a half one. */
export function plain(sentence: string): string {
  return sentence.trim().replace(/\.$/u, "");
}

/** Jobs as flags that name them; of many the first. */
export function listOf(candidates: readonly { readonly workflow: string; readonly job: string }[]): string {
  return candidates
    .slice(0, MAX_NAMED)
    .map(({ workflow, job }) => `\`--workflow ${workflow} --job ${job}\``)
    .join(", ");
}

/** A file that cannot be read, as the reason why nothing runs. */
export function faultOf({ path, line, key, message, hint }: Fault): { readonly kind: "refused" } & Refusal {
  return {
    kind: "refused",
    place: `${path}:${line}`,
    step: key,
    reason: plain(`${message} ${hint}`),
  };
}

/** The job cut, those it needs whole; no others. */
function asPlanned(
  job: JobModel,
  { cut, needed }: { readonly cut: StepsJob; readonly needed: ReadonlySet<string> },
): readonly JobModel[] {
  if (job.id === cut.id) return [cut];
  return needed.has(job.id) ? [job] : [];
}

/** True when the path is what somebody named a workflow by; `wanted` in lower case. */
export function isFile(path: string, wanted: string): boolean {
  const file = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return [path.toLowerCase(), file, file.replace(/\.ya?ml$/u, "")].includes(wanted.replace(/^\.\//u, ""));
}
