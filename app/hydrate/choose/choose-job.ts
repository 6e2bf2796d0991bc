import { didYouMean } from "../../did-you-mean.ts";
import type { JobModel, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { scoreOf } from "./score.ts";

/** The job that a box is prepared by when it exists. */
export const HYDRATE_JOB = "hydrate";
/** Candidates listed; more nobody reads. */
const MAX_CANDIDATES = 20;

export type Candidate = { readonly workflow: string; readonly job: string; readonly why: string };

export type Asked = {
  /** Path, file name with or without ending, or the name in the file. */
  readonly workflow?: string;
  readonly job?: string;
  /** Who asked, for the reason: "by name", "by crabbox.yml". */
  readonly by: string;
};

export type Choice =
  | {
      readonly kind: "chosen";
      readonly workflow: WorkflowModel;
      readonly job: JobModel;
      readonly reason: string;
    }
  /** Several would do, best first. */
  | { readonly kind: "ask"; readonly message: string; readonly candidates: readonly Candidate[] }
  | { readonly kind: "none"; readonly message: string; readonly hint: string };

/**
 * The job to prepare a box by: as asked, else the one named `hydrate`, else the one that looks most like set-up plus test, else a question.
 * `workflows` are those of one commit that could be read.
 */
export function chooseJob(workflows: readonly WorkflowModel[], asked?: Asked): Choice {
  if (asked?.workflow !== undefined || asked?.job !== undefined) return chooseAsked(workflows, asked);
  const named = pairs(workflows).filter(({ job }) => job.id.toLowerCase() === HYDRATE_JOB);
  const [hydrate, other] = named;
  if (hydrate !== undefined && other === undefined)
    return { kind: "chosen", ...hydrate, reason: `The job is named \`${HYDRATE_JOB}\`.` };
  if (hydrate !== undefined)
    return ask(
      `Several jobs are named \`${HYDRATE_JOB}\`; name the workflow.`,
      named.map((pair) => candidateOf(pair, "")),
    );
  return chooseByLook(workflows, workflows);
}

type Pair = { readonly workflow: WorkflowModel; readonly job: JobModel };

function chooseAsked(
  workflows: readonly WorkflowModel[],
  { workflow: wanted, job: jobId, by }: Asked,
): Choice {
  const found = wanted === undefined ? workflows : workflows.filter((one) => isNamed(one, wanted));
  if (found.length === 0) {
    const names = workflows.map(({ path }) => fileOf(path));
    return none(`There is no workflow \`${wanted ?? ""}\`.`, wanted ?? "", names);
  }
  if (jobId === undefined) {
    const jobs = pairs(found);
    const [only, second] = jobs;
    if (only !== undefined && second === undefined)
      return { kind: "chosen", ...only, reason: `The workflow was chosen ${by}; it has this one job.` };
    const hydrate = jobs.find(({ job }) => job.id.toLowerCase() === HYDRATE_JOB);
    if (hydrate !== undefined)
      return {
        kind: "chosen",
        ...hydrate,
        reason: `The workflow was chosen ${by}; the job is named \`${HYDRATE_JOB}\`.`,
      };
    return chooseByLook(found, workflows);
  }
  const jobs = pairs(found).filter(({ job }) => job.id.toLowerCase() === jobId.toLowerCase());
  const [first, second] = jobs;
  if (first === undefined)
    return none(`There is no job \`${jobId}\`.`, jobId, [...new Set(pairs(found).map(({ job }) => job.id))]);
  if (second === undefined) return { kind: "chosen", ...first, reason: `It was chosen ${by}.` };
  return closest(
    jobs.map((pair) => ({ pair, score: scoreOf(pair.workflow, pair.job, workflows) })),
    `Several workflows have a job \`${jobId}\`; name the workflow.`,
  );
}

function chooseByLook(workflows: readonly WorkflowModel[], all: readonly WorkflowModel[]): Choice {
  const scored = pairs(workflows).map((pair) => ({ pair, score: scoreOf(pair.workflow, pair.job, all) }));
  const fitting = scored.filter(({ score }) => score !== null);
  if (fitting.length > 0) return closest(fitting, "Several jobs look like set-up plus test; name one.");
  const names = pairs(workflows).map((pair) => candidateOf(pair, ""));
  if (names.length > 0) return ask("No job looks like set-up plus test on Linux; name one.", names);
  return {
    kind: "none",
    message: "There is no workflow with a job.",
    hint: "Add a workflow with a job named `hydrate` under `.github/workflows`.",
  };
}

type Scored = {
  readonly pair: Pair;
  readonly score: { readonly points: number; readonly why: string } | null;
};

/** The best, when no other is as good. */
function closest(scored: readonly Scored[], message: string): Choice {
  const order = scored.toSorted((a, b) => (b.score?.points ?? 0) - (a.score?.points ?? 0));
  const [best, next] = order;
  if (best?.score !== undefined && best.score !== null && best.score.points > (next?.score?.points ?? 0))
    return {
      kind: "chosen",
      ...best.pair,
      reason: `It looks most like set-up plus test: ${best.score.why}.`,
    };
  return ask(
    message,
    order.map(({ pair, score }) => candidateOf(pair, score?.why ?? "")),
  );
}

function ask(message: string, candidates: readonly Candidate[]): Choice {
  return { kind: "ask", message, candidates: candidates.slice(0, MAX_CANDIDATES) };
}

function none(message: string, wanted: string, names: readonly string[]): Choice {
  const near = didYouMean(wanted, names);
  return {
    kind: "none",
    message,
    hint: `${near === null ? "" : `Did you mean \`${near}\`? `}There are: ${
      names
        .slice(0, MAX_CANDIDATES)
        .map((name) => `\`${name}\``)
        .join(", ") || "none"
    }.`,
  };
}

function pairs(workflows: readonly WorkflowModel[]): readonly Pair[] {
  return workflows.flatMap((workflow) => workflow.jobs.map((job) => ({ workflow, job })));
}

function candidateOf({ workflow, job }: Pair, why: string): Candidate {
  return { workflow: workflow.path, job: job.id, why };
}

function isNamed({ path, name }: WorkflowModel, wanted: string): boolean {
  const file = fileOf(path);
  return [path, file, file.replace(/\.ya?ml$/u, ""), name].some(
    (one) => one.toLowerCase() === wanted.toLowerCase().replace(/^\.\//u, ""),
  );
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
