import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { ActionArchive } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import type { Repository } from "../store/rows.ts";
import type { ActionSource } from "./action-source.ts";
import { isOutage } from "./actions/outage.ts";
import { chooseHydrate, readWorkflows, type ReadWorkflows } from "./choose-hydrate.ts";
import { chooseWhole } from "./choose-whole.ts";
import { createFingerprints, type CommitFiles, type Fingerprints } from "./fingerprint.ts";
import type { JobAsked } from "./hydrate-asked.ts";
import { stepsCommit, type HydratePlan, type HydrationRun, type WorkflowFile } from "./hydrate-plan.ts";
import { livingServices } from "./living-services.ts";
import { createPins, type Pins } from "./plan/pins.ts";
import type { Archive, RunFacts } from "./plan/types.ts";
import { packAll } from "./pack-all.ts";
import { planHydrate } from "./plan-hydrate.ts";
import { allOf } from "./jobs-plan.ts";
import { planWhole } from "./plan-whole.ts";
import { runContext, type GithubAddresses } from "./run-context.ts";
import { grant, secretFacts, withoutSecrets } from "./secrets-grants.ts";
import type { StepSecrets } from "./secrets.ts";

/** Base commits kept in memory; one is some kilobytes (half a megabyte at worst), and serves many runs. */
const MAX_COMMITS = 100;
/** So long a tag or branch of an action stays what it was found to be; then it is asked for again. */
const REFS_KEPT_MS = 10 * 60_000;

export type HydrationDeps = {
  /** The texts under `.github/workflows` at a commit; an empty list when there is no such folder. */
  readonly workflows: (repository: Repository, sha: string) => Promise<readonly WorkflowFile[]>;
  /** A file's text in the repository itself; null when it is not there. */
  readonly readOwn: (repository: Repository, sha: string, path: string) => Promise<string | null>;
  /** All files of a commit, to find its lock files. */
  readonly files: (repository: Repository, sha: string) => Promise<CommitFiles>;
  /** Where actions of other repositories come from. */
  readonly source: ActionSource;
  /** Packs a tree for the box; `own` is the repository's. */
  readonly pack: (archive: Archive, own: Repository | null) => Promise<ActionArchive>;
  readonly clock: Pick<Clock, "now">;
  readonly github: GithubAddresses;
  readonly secrets: StepSecrets;
};

/** The set-up of a run. Throws what GitHub's API throws, and github_failed when actions cannot be reached; what the workflows say is answered. Safe to repeat. */
export type Hydration = (run: HydrationRun, repository: Repository) => Promise<HydratePlan>;

/** What a commit says; it never changes, but for where the refs of its actions lead. */
type Commit = {
  readonly readAt: number;
  readonly every: Promise<readonly WorkflowFile[]>;
  readonly pins: Pins;
  readonly read: Map<boolean, ReadWorkflows>;
};

/**
 * Set-up plans from the workflows at runs' base commits, or at their heads where a writer asked for that (law 12). A commit is read
 * once and asked about again after a while; a failed reading and a refusal are not remembered.
 */
export function createHydration(deps: HydrationDeps): Hydration {
  const commits = new Map<string, Commit>();
  const fingerprints = createFingerprints();
  const commitOf = (key: string, repository: Repository, sha: string): Commit => {
    const known = commits.get(key);
    if (known !== undefined && deps.clock.now() - known.readAt < REFS_KEPT_MS) return known;
    const readOwn = (path: string): Promise<string | null> => deps.readOwn(repository, sha, path);
    const made: Commit = {
      readAt: deps.clock.now(),
      // The texts of a commit never change.
      every: known?.every ?? deps.workflows(repository, sha),
      pins: createPins({ source: deps.source, readOwn }, isOutage),
      read: known?.read ?? new Map<boolean, ReadWorkflows>(),
    };
    commits.delete(key);
    commits.set(key, made);
    const [oldest] = commits.keys();
    if (commits.size > MAX_COMMITS && oldest !== undefined) commits.delete(oldest);
    return made;
  };
  return async (run, repository) => {
    const { sha } = stepsCommit(run);
    const key = `${repository.id}:${sha}`;
    const commit = commitOf(key, repository, sha);
    try {
      const plan = await planFor({ ...deps, fingerprints }, commit, run, repository);
      if (plan.kind === "refused" && commits.get(key) === commit) commits.delete(key);
      return plan;
    } catch (error) {
      if (commits.get(key) === commit) commits.delete(key);
      throw error;
    }
  };
}

async function planFor(
  deps: HydrationDeps & { readonly fingerprints: Fingerprints },
  commit: Commit,
  run: HydrationRun,
  repository: Repository,
): Promise<HydratePlan> {
  const { job } = run.options;
  return job === undefined
    ? planSetUp(deps, commit, run, repository)
    : planJob(deps, commit, { run, asked: job }, repository);
}

async function planSetUp(
  deps: HydrationDeps & { readonly fingerprints: Fingerprints },
  commit: Commit,
  run: HydrationRun,
  repository: Repository,
): Promise<HydratePlan> {
  const steps = stepsCommit(run);
  const asked = run.options.hydrate;
  const every = asked?.workflow !== undefined || asked?.job !== undefined;
  const chosen = chooseHydrate(await readOf(commit, every), asked);
  if (chosen.kind === "none")
    return { kind: "none", reason: `no workflow of the ${steps.from} branch has a job named hydrate` };
  if (chosen.kind === "refused") return chosen;
  const { workflow } = chosen;
  const facts = factsOf(deps, run, repository, workflow);
  const planned = await planHydrate({ source: deps.source, pins: commit.pins }, chosen, facts);
  if (planned.kind !== "plan") return planned;
  const packed = await packAll(deps, planned.archives, { run, repository, workflow });
  if (packed.kind === "refused") return packed;
  const { jobs, isAlone } = planned;
  const plan = withoutSecrets(planned.plan);
  const needing = jobs === undefined ? {} : { jobs };
  const { grants, more, notes } = grant(deps.secrets, { run, repository }, { plan, ...needing, chosen });
  const key = `${repository.id}:${run.checkoutSha}`;
  const living = livingServices({ plan, ...needing });
  const again = living.isAnew ? { ...more, run: run.id } : more;
  const what = { plan, ...needing, ...(isAlone === undefined ? {} : { isAlone }) };
  const fingerprint = await deps.fingerprints(what, { key, more: again }, () =>
    deps.files(repository, run.checkoutSha),
  );
  const phase = { plan, ...needing, archives: packed.archives, fingerprint };
  return {
    kind: "plan",
    path: workflow.path,
    job: chosen.job.id,
    phase,
    grants,
    notes: [...planned.notes, ...living.notes, ...notes],
  };
}

async function planJob(
  deps: HydrationDeps,
  commit: Commit,
  { run, asked }: { readonly run: HydrationRun; readonly asked: JobAsked },
  repository: Repository,
): Promise<HydratePlan> {
  const chosen = chooseWhole(await readOf(commit, true), asked);
  if (chosen.kind === "refused") return chosen;
  const { workflow } = chosen;
  const facts = factsOf(deps, run, repository, workflow);
  const planned = await planWhole({ source: deps.source, pins: commit.pins }, chosen, asked, facts);
  if (planned.kind !== "job") return planned;
  const packed = await packAll(deps, planned.archives, { run, repository, workflow });
  if (packed.kind === "refused") return packed;
  const phase = { jobs: planned.jobs, archives: packed.archives };
  const asking = { plan: allOf(planned.jobs), jobs: planned.jobs, chosen };
  const { grants, notes } = grant(deps.secrets, { run, repository }, asking);
  return {
    kind: "job",
    path: workflow.path,
    job: chosen.job.id,
    phase,
    grants,
    notes: [...planned.notes, ...notes],
  };
}

async function readOf(commit: Commit, every: boolean): Promise<ReadWorkflows> {
  const read = commit.read.get(every) ?? readWorkflows(await commit.every, every);
  commit.read.set(every, read);
  return read;
}

function factsOf(
  deps: HydrationDeps,
  run: HydrationRun,
  repository: Repository,
  workflow: WorkflowModel,
): RunFacts {
  const slug = `${repository.owner}/${repository.name}`;
  return {
    github: runContext(run, repository, workflow, deps.github),
    ...secretFacts(deps.secrets, run, repository),
    inputs: {},
    // The sync brings submodules and large files along.
    synced: { repository: slug, sha: run.checkoutSha, submodules: true, lfs: true },
    // Whether the box has Docker is seen there.
    dockerMissing: null,
    ownArchive: `${slug.toLowerCase().replace("/", "+")}+${stepsCommit(run).sha}`,
  };
}
