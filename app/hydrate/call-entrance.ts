import type {
  CallJob,
  JobModel,
  StepsJob,
  WorkflowModel,
} from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { ancestorsOf } from "../../runner-bootstrap/boxd/steps/jobs/ancestors.ts";
import { chooseJob } from "./choose/choose-job.ts";
import { cutSteps, type Cut } from "./choose/cut.ts";

/** Jobs named in one answer. */
const MAX_NAMED = 5;

/** What was found behind a call, through any number of workflows that call one another. */
export type Found = {
  /** The job that prepares the box: `caller / job`. */
  readonly id: string;
  readonly model: StepsJob;
  readonly cut: Cut;
  /** Why this job, and why its steps end there; sentences. */
  readonly reasons: readonly string[];
};

/** The way into the workflow that a chosen job calls, and on into what that calls. */
export type CallEntrance = {
  /** The jobs of a called workflow that are planned: all of any other call, of the meant one its set-up job, cut, and those it needs. */
  enter(caller: CallJob, workflow: WorkflowModel): readonly JobModel[];
  /** Asked after planning. Null when the called workflow could not be had, which the plan tells. */
  found(): Found | { readonly fault: string } | null;
};

/**
 * Of the called workflow's jobs the only one prepares the box, else the one named `hydrate`, else the one that looks most like set-up plus
 * test. One that waits for others needs `--needs`, as anywhere.
 */
export function callEntrance(
  job: CallJob,
  mayNeed: boolean,
  cutOf: (job: StepsJob) => Cut | { readonly fault: string } = cutByRule,
): CallEntrance {
  let meant: JobModel = job;
  let found: Found | { readonly fault: string } | null = null;
  const path = [job.id];
  const reasons: string[] = [];
  const refuse = (fault: string): readonly JobModel[] => {
    found = { fault };
    return [];
  };
  return {
    found: () => found,
    enter(caller, workflow) {
      if (caller !== meant) return workflow.jobs;
      const choice = chosenIn(workflow);
      if ("fault" in choice) return refuse(`${caller.uses} ${choice.fault}`);
      const { job: inner, reason } = choice;
      meant = inner;
      path.push(inner.id);
      reasons.push(`Of ${caller.uses} the job \`${inner.id}\`: ${reason}`);
      if (inner.needs.length > 0 && !mayNeed)
        return refuse(
          `${path.join(" / ")} waits for other jobs (\`needs: ${inner.needs.slice(0, MAX_NAMED).join(", ")}\`), which run before a command only with \`--needs\`, or \`needs: true\` below \`hydrate\` in \`.github/crabbox.yml\``,
        );
      const needed = new Set(ancestorsOf(workflow.jobs, inner));
      const others = workflow.jobs.filter(({ id }) => needed.has(id));
      if (inner.kind === "call") return [...others, inner];
      const cut = cutOf(inner);
      if ("fault" in cut) return refuse(cut.fault);
      const kept = cut.run.map((index) => inner.steps[index]).filter((step) => step !== undefined);
      const model: StepsJob = { ...inner, steps: kept, outputs: {} };
      const leftOut = cut.leftOut.map(({ index, reason: why }) => `Step ${index + 1} is left out: ${why}.`);
      found = {
        id: path.join(" / "),
        model,
        cut,
        reasons: [...reasons, ...(cut.reason === "" ? [] : [cut.reason]), ...leftOut],
      };
      return [...others, model];
    },
  };
}

function chosenIn(
  workflow: WorkflowModel,
): { readonly job: JobModel; readonly reason: string } | { readonly fault: string } {
  const [only, other] = workflow.jobs;
  if (only !== undefined && other === undefined) return { job: only, reason: "it has no other." };
  const choice = chooseJob([workflow]);
  if (choice.kind === "chosen") return choice;
  const names = workflow.jobs.slice(0, MAX_NAMED).map(({ id }) => `\`${id}\``);
  return { fault: `has several jobs (${names.join(", ")}): name the one that prepares a box \`hydrate\`` };
}

function cutByRule(job: StepsJob): Cut | { readonly fault: string } {
  const result = cutSteps(job);
  return result.kind === "cut" ? result.cut : { fault: result.message };
}
