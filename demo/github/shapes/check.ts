import type { Annotation, CheckRun, CheckSuite, Json, Pull, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { appById, appShape, nodeId } from "./account.ts";
import { simpleCommitShape } from "./commit.ts";
import { minimalPullShape, repositoryById } from "./pull.ts";
import { pageUrl, repositoryShape, repositoryUrl } from "./repository.ts";

/** A check run as its routes answer it. */
export function checkRunShape(world: World, run: CheckRun): Json {
  const repository = repositoryById(world, run.repositoryId);
  const url = repositoryUrl(world, repository, `/check-runs/${run.id}`);
  const app = appById(world, run.appId);
  const shape = appShape(world, app);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? "",
    url,
    html_url: pageUrl(world, repository, `/runs/${run.id}`),
    details_url: run.detailsUrl ?? String(shape["external_url"]),
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { ...run.output, annotations_count: run.annotations, annotations_url: `${url}/annotations` },
    check_suite: { id: run.suiteId },
    app: shape,
    pull_requests: pullsAt(world, repository, run.headSha).map((pull) => minimalPullShape(world, pull)),
  };
}

/** A check run in webhooks: with its whole suite and its buttons. */
export function checkRunEventShape(world: World, run: CheckRun): Json {
  const suite = suiteById(world, run.suiteId);
  return { ...checkRunShape(world, run), check_suite: suiteSummary(world, suite) };
}

/** GET check-suites/{id}. */
export async function checkSuiteShape(world: World, suite: CheckSuite): Promise<Json> {
  const repository = repositoryById(world, suite.repositoryId);
  const commit = await world.git.objects.commit(world.git.dir(repository), suite.headSha);
  const runs = world.tables.runsBySuite(suite.id).length;
  return {
    ...suiteSummary(world, suite),
    head_commit: simpleCommitShape(commit),
    latest_check_runs_count: runs,
    check_runs_url: repositoryUrl(world, repository, `/check-suites/${suite.id}/check-runs`),
    rerequestable: true,
    runs_rerequestable: true,
    repository: repositoryShape(world, repository),
  };
}

/** An annotation as its list answers it. */
export function annotationShape(world: World, run: CheckRun, annotation: Annotation): Json {
  const repository = repositoryById(world, run.repositoryId);
  const optional = { start_column: null, end_column: null, title: null, raw_details: null };
  const path = String(annotation.value["path"]);
  const href = repositoryUrl(world, repository, `/contents/${path}?ref=${run.headSha}`);
  return { ...optional, ...annotation.value, blob_href: href };
}

/** Worst run decides; a suite without runs is queued. */
export function suiteState(world: World, suite: CheckSuite): { status: string; conclusion: string | null } {
  const runs = latestByName(world.tables.runsBySuite(suite.id));
  if (runs.length === 0) return { status: "queued", conclusion: null };
  if (runs.some((run) => run.status !== "completed")) {
    const started = runs.some((run) => run.status !== "queued");
    return { status: started ? "in_progress" : "queued", conclusion: null };
  }
  const order = ["failure", "timed_out", "action_required", "cancelled", "success", "neutral", "skipped"];
  const worst = order.find((conclusion) => runs.some((run) => run.conclusion === conclusion));
  return { status: "completed", conclusion: worst ?? "success" };
}

/** Of the runs with the same name only the newest counts. */
export function latestByName(runs: readonly CheckRun[]): CheckRun[] {
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

/** Open pull requests of the repository's own branches with that head. */
export function pullsAt(world: World, repository: Repository, sha: string): Pull[] {
  const pulls = world.tables.pullsByRepository(repository.id);
  return pulls.filter((pull) => {
    return pull.headSha === sha && pull.state === "open" && pull.headRepositoryId === repository.id;
  });
}

/** The suite with that id; a missing one is our own mistake. */
export function suiteById(world: World, id: number): CheckSuite {
  const suite = world.tables.suites.get(id);
  if (suite === undefined) throw new Error(`no check suite ${id}`);
  return suite;
}

function suiteSummary(world: World, suite: CheckSuite): Json {
  const repository = repositoryById(world, suite.repositoryId);
  return {
    id: suite.id,
    node_id: nodeId("CS", suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(world, suite),
    url: repositoryUrl(world, repository, `/check-suites/${suite.id}`),
    before: null,
    after: suite.headSha,
    pull_requests: pullsAt(world, repository, suite.headSha).map((pull) => minimalPullShape(world, pull)),
    app: appShape(world, appById(world, suite.appId)),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  };
}
