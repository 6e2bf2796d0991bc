import type { CacheMode } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import { effectiveCacheMode, isGranted } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import type { CallJob, JobModel, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { callTarget } from "./call-target.ts";
import { lacksOf } from "./lacks.ts";
import type { Pins } from "./pins.ts";
import { resolveActions } from "./resolve-actions.ts";
import type { Lack, PreparedJob } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { Archive, Home, RunFacts } from "./types.ts";

/** Workflows that call one another, the first included (GitHub: "Reusing workflow configurations", limitations). */
const MAX_NESTED_WORKFLOWS = 10;
/** Calls of one run; GitHub allows 50 different workflows. */
const MAX_CALLS = 200;

export type Preparing = {
  readonly pins: Pins;
  readonly facts: RunFacts;
  readonly archives: Map<string, Archive>;
  calls: number;
  readonly enter: ((caller: CallJob, workflow: WorkflowModel) => readonly JobModel[]) | undefined;
};

export type Level = {
  readonly workflow: WorkflowModel;
  readonly home: Home;
  /** Keys of the workflows above and of this one. */
  readonly chain: readonly string[];
  /** Names in lower case that the caller hands on; null: all. */
  readonly secrets: ReadonlySet<string> | null;
  /** What the caller grants of caches; undefined: it says nothing. */
  readonly granted: CacheMode | undefined;
};

/** Pins and reads what the jobs use, called workflows too. */
export async function prepareJobs(
  work: Preparing,
  jobs: readonly JobModel[],
  level: Level,
): Promise<readonly PreparedJob[]> {
  const prepared: PreparedJob[] = [];
  for (const model of jobs) prepared.push(await prepareJob(work, model, level));
  return prepared;
}

async function prepareJob(work: Preparing, model: JobModel, level: Level): Promise<PreparedJob> {
  const { workflow, home } = level;
  const own = lacksOf(workflow, model, work.facts, level);
  if (model.kind === "steps") {
    const { ownArchive, dockerMissing } = work.facts;
    const { steps, actions, archives, lacks } = await resolveActions(work.pins, model.steps, {
      home,
      ownArchive,
    });
    for (const archive of archives) work.archives.set(archive.archive, archive);
    const docker = Object.values(actions)
      .filter(({ source, definition }) => source.kind === "image" || definition?.runs.using === "docker")
      .map(({ name }): Lack => ({
        level: "lack",
        about: "docker",
        name,
        reason: `${name} runs in a container: ${dockerMissing ?? ""}.`,
        place: model.place,
      }));
    const all = [...own, ...lacks, ...(dockerMissing === null ? [] : docker)];
    return { model, workflow, resolved: { steps, actions }, lacks: all, callee: null };
  }
  const nothing = { model, workflow, resolved: { steps: [], actions: {} }, callee: null };
  const refuse = (reason: string): PreparedJob => ({
    ...nothing,
    lacks: [
      ...own,
      {
        level: "stop",
        about: "workflow",
        name: model.uses,
        reason: `${model.uses} ${reason}.`,
        place: model.usesPlace,
      },
    ],
  });
  work.calls += 1;
  if (work.calls > MAX_CALLS) return refuse(`is one more than the ${MAX_CALLS} calls of a run`);
  const target = await callTarget(work.pins, { job: model, home });
  if (target.kind === "lack") return { ...nothing, lacks: [...own, target.lack] };
  if (level.chain.includes(target.key))
    return refuse(`calls itself: ${[...level.chain, target.key].join(" -> ")}`);
  if (level.chain.length >= MAX_NESTED_WORKFLOWS)
    return refuse(`is nested deeper than ${MAX_NESTED_WORKFLOWS} workflows`);
  const granted = effectiveCacheMode(model, workflow, level.granted);
  const greedy = greedyOf(target.workflow, granted);
  if (greedy !== undefined) return refuse(greedy);
  const below = await prepareJobs(work, work.enter?.(model, target.workflow) ?? target.workflow.jobs, {
    workflow: target.workflow,
    home: target.home,
    chain: [...level.chain, target.key],
    granted,
    secrets:
      model.secrets === "inherit"
        ? level.secrets
        : new Set([...Object.keys(model.secrets).map((name) => name.toLowerCase()), "github_token"]),
  });
  return { ...nothing, lacks: own, callee: { workflow: target.workflow, jobs: below } };
}

/** Which job asks for more of caches than its caller grants, where that one says anything: GitHub does not start such a run. */
function greedyOf(called: WorkflowModel, granted: CacheMode | undefined): string | undefined {
  if (granted === undefined) return undefined;
  for (const job of called.jobs) {
    const asked = effectiveCacheMode(job, called, undefined);
    if (asked !== undefined && !isGranted(asked, granted))
      return `asks for \`cache-mode: ${asked}\` in its job \`${job.id}\`, and its caller grants \`${granted}\``;
  }
  return undefined;
}
