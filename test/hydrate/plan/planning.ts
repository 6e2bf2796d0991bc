import { createMirrorSource } from "../../../app/hydrate/actions/mirror-source.ts";
import { planWorkflow } from "../../../app/hydrate/plan/plan-workflow.ts";
import type {
  Ended,
  JobStart,
  LegPlan,
  PlannedJob,
} from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { RunFacts, WorkflowPlan } from "../../../app/hydrate/plan/types.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";
import { room } from "../actions/repositories.ts";

export const FACTS: RunFacts = {
  github: { repository: "me/it", event_name: "push", ref: "refs/heads/main" },
  vars: {},
  secrets: { GITHUB_TOKEN: "t" },
  inputs: {},
  synced: { repository: "me/it", sha: "1".repeat(40), submodules: false, lfs: false },
  dockerMissing: null,
  ownArchive: null,
};

/** Plans a workflow given as text; `own` are the other files of its repository, `root` holds mirrors of actions. */
export async function planText(
  text: string,
  {
    root,
    own = {},
    facts = {},
    jobs,
  }: {
    root?: string;
    own?: Readonly<Record<string, string>>;
    facts?: Partial<RunFacts>;
    jobs?: readonly string[];
  } = {},
): Promise<WorkflowPlan> {
  const read = readWorkflow(".github/workflows/ci.yml", text);
  if ("faults" in read) throw new Error(JSON.stringify(read.faults));
  const deps = {
    source: createMirrorSource(root ?? room()),
    readOwn: async (path: string) => own[path] ?? null,
  };
  return planWorkflow(deps, {
    workflow: read.workflow,
    facts: { ...FACTS, ...facts },
    ...(jobs === undefined ? {} : { jobs }),
  });
}

/** Starts a job as the first one. */
export function begin(job: PlannedJob | undefined): JobStart {
  if (job === undefined) throw new Error("There is no such job.");
  return job.start({ ended: new Map(), cancelled: false });
}

/** A workflow of one job `a` with these steps, as flow maps. */
export function workflowOf(...steps: readonly string[]): string {
  return `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join("")}`;
}

/** An action's file with these steps. */
export function compositeOf(...steps: readonly string[]): string {
  return `name: c\nruns:\n  using: composite\n  steps:\n${steps.map((step) => `    - ${step}\n`).join("")}`;
}

export const NODE_ACTION = "name: n\nruns: { using: node24, main: index.js }\n";

export type Told = { readonly legs: LegPlan[]; readonly said: string[] };

/** Ends every job as told by its name, otherwise well; a job's last leg has its word. */
export function play(
  jobs: readonly PlannedJob[],
  endings: Readonly<Record<string, Ended>> = {},
  told: Told = { legs: [], said: [] },
): Told & { readonly ended: ReadonlyMap<string, Ended> } {
  const ended = new Map<string, Ended>();
  for (const job of jobs) {
    const start = job.start({ ended, cancelled: false });
    if (start.kind === "skipped" || start.kind === "failed") {
      told.said.push(`${job.id}: ${start.reason}`);
      ended.set(job.id, { result: start.kind === "skipped" ? "skipped" : "failure", outputs: {} });
    } else if (start.kind === "runs") {
      told.legs.push(...start.legs);
      for (const { plan } of start.legs)
        ended.set(job.id, endings[plan.name] ?? { result: "success", outputs: {} });
    } else {
      for (const call of start.legs) {
        const below = play(call.jobs, endings, told).ended;
        ended.set(job.id, { result: "success", outputs: call.outputs(below) });
      }
    }
  }
  return { ...told, ended };
}
