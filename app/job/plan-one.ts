import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { AppError } from "../errors.ts";
import type { ActionSource } from "../hydrate/action-source.ts";
import { planWorkflow, type PlanAsked } from "../hydrate/plan/plan-workflow.ts";
import type { PlannedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { RunFacts, WorkflowPlan } from "../hydrate/plan/types.ts";
import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { eventOf, mapAt } from "./event-of.ts";
import { githubContext } from "./github-context.ts";
import { inputTexts, runInputs } from "./inputs.ts";
import type { JobOptions } from "./options.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import { dockerMissing } from "./local-host.ts";

const OFFLINE_TOKEN = "offline-no-token";

export type PlannedRun = {
  /** What it was planned with. */
  readonly runFacts: RunFacts;
  readonly plan: WorkflowPlan;
  /** Those that shall run. */
  readonly jobs: readonly PlannedJob[];
  readonly runId: string;
};

/** One workflow planned for this machine and the working tree as it stands. Throws `AppError` for a job or inputs that cannot be. */
export async function planOne(
  deps: {
    readonly source: ActionSource;
    readonly facts: RepositoryFacts;
    readonly options: JobOptions;
    /** Where programs are looked for. */
    readonly path: string;
    /** It is only looked at. */
    readonly isDry?: boolean;
    /** Which jobs of a called workflow; left out: all. */
    readonly enter?: PlanAsked["enter"];
  },
  workflow: WorkflowModel,
): Promise<PlannedRun> {
  const { facts, options } = deps;
  const wanted = options.job?.toLowerCase();
  if (wanted !== undefined && !workflow.jobs.some(({ id }) => id.toLowerCase() === wanted))
    throw new AppError(
      "bad_request",
      `${workflow.path} has no job "${options.job}".`,
      `Its jobs: ${workflow.jobs.map(({ id }) => id).join(", ")}.`,
    );
  const told = eventOf(workflow, facts, options);
  const { event } = told;
  const isDispatch = event === "workflow_dispatch";
  // A payload may bring them, too.
  const given = isDispatch ? inputTexts(mapAt(told.payload, "inputs")) : options.inputs;
  // Without a token actions ask GitHub as anybody may; away from GitHub it only has to be there, for some refuse to begin without.
  const token = options.secrets["GITHUB_TOKEN"] ?? (options.githubRoot === null ? "" : OFFLINE_TOKEN);
  const runId = String(randomInt(1_000_000_000, 9_999_999_999));
  const github = (payload: YamlMap): YamlMap =>
    githubContext({ event, payload, facts, workflow, token, runId });
  const inputs = runInputs(workflow, event, given, {
    contexts: { github: github(told.payload), vars: options.vars },
    mayMiss: deps.isDry === true,
  });
  const payload = isDispatch ? { ...told.payload, inputs: inputTexts(inputs) } : told.payload;
  const runFacts: RunFacts = {
    github: github(payload),
    vars: options.vars,
    secrets: { ...options.secrets, GITHUB_TOKEN: token },
    inputs,
    synced: {
      repository: `${facts.owner}/${facts.name}`,
      sha: facts.sha ?? "0".repeat(40),
      submodules: true,
      lfs: true,
    },
    dockerMissing: dockerMissing(deps.path),
    ownArchive: null,
  };
  const plan = await planWorkflow(
    { source: deps.source, readOwn: (path) => readOwn(facts.root, path) },
    {
      workflow,
      facts: runFacts,
      ...(options.job === null ? {} : { jobs: [options.job] }),
      ...(deps.enter === undefined ? {} : { enter: deps.enter }),
    },
  );
  const jobs = plan.jobs.filter((job) => !options.only || job.id.toLowerCase() === wanted);
  return { runFacts, plan, jobs, runId };
}

/** A file of the working tree; null when it is not there, or outside. */
async function readOwn(root: string, path: string): Promise<string | null> {
  const full = resolve(join(root, path));
  if (!full.startsWith(`${root}${sep}`)) return null;
  try {
    return await readFile(full, "utf8");
  } catch {
    return null;
  }
}
