import { emit } from "../hooks/emit.ts";
import type { Account, App, CheckAction, CheckRun, CheckSuite, Json, Repository } from "../model.ts";
import { accountById, appById } from "../shapes/account.ts";
import { checkRunEventShape, checkSuiteShape, suiteById, suiteState } from "../shapes/check.ts";
import { repositoryById } from "../shapes/pull.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";
import { checkOutput } from "./check-limits.ts";

export type CheckRequest = {
  name?: string;
  head_sha?: string;
  details_url?: string;
  external_id?: string;
  status?: CheckRun["status"];
  conclusion?: string;
  started_at?: string;
  completed_at?: string;
  output?: { title?: string; summary?: string; text?: string; annotations?: Json[] };
  actions?: CheckAction[];
};

/** Makes the suites that GitHub makes by itself at a push, and tells each App about its own. */
export function suiteFor(
  world: World,
  repository: Repository,
  headSha: string,
  branch: string | null,
  pusher: Account,
): void {
  for (const installation of world.tables.installationsByAccount(repository.ownerId)) {
    if (installation.permissions["checks"] !== "write" || installation.suspendedAt !== null) continue;
    const { suite, isNew } = ensureSuite(
      world,
      repository,
      appById(world, installation.appId),
      headSha,
      branch,
    );
    if (isNew) later(world, emitSuite(world, suite, "requested", pusher));
  }
}

/** Creates a check run; output, annotations and buttons are held to GitHub's limits. */
export function createCheckRun(
  world: World,
  repository: Repository,
  app: App,
  request: CheckRequest & { name: string; head_sha: string },
): CheckRun {
  checkOutput(request);
  const branch = branchAt(world, repository, request.head_sha);
  const { suite } = ensureSuite(world, repository, app, request.head_sha, branch);
  const run: CheckRun = {
    id: world.tables.nextId("checkRun"),
    repositoryId: repository.id,
    suiteId: suite.id,
    appId: app.id,
    name: request.name,
    headSha: request.head_sha,
    externalId: null,
    detailsUrl: null,
    status: "queued",
    conclusion: null,
    startedAt: now(),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    actions: [],
    annotations: 0,
    updates: -1,
    createdAt: now(),
  };
  change(world, run, request);
  emitRun(world, run, "created", bot(world, app));
  completed(world, run, false);
  return run;
}

/** Updates a check run: annotations are added, everything else named is replaced. */
export function updateCheckRun(world: World, run: CheckRun, request: CheckRequest): CheckRun {
  checkOutput(request);
  const was = run.status === "completed";
  change(world, run, request);
  completed(world, run, was);
  return run;
}

/** The Re-run button of one check. */
export function rerequestRun(world: World, run: CheckRun, actor: Account): void {
  emitRun(world, run, "rerequested", actor);
}

/** A press on one of the run's buttons; one it showed before counts, too: a page loaded earlier still has it. */
export function pressAction(world: World, run: CheckRun, actor: Account, identifier: string): void {
  const shown = world.tables.updatesByRun(run.id).map(({ request }) => (request as CheckRequest).actions);
  if (!shown.flat().some((action) => action?.identifier === identifier))
    throw new Error(`check run ${run.id} has no button ${identifier}`);
  emitRun(world, run, "requested_action", actor, { requested_action: { identifier } });
}

/** "Re-run all checks". */
export async function rerequestSuite(world: World, suite: CheckSuite, actor: Account): Promise<void> {
  await emitSuite(world, suite, "rerequested", actor);
}

function change(world: World, run: CheckRun, request: CheckRequest): void {
  const { output } = request;
  run.name = request.name ?? run.name;
  run.externalId = request.external_id ?? run.externalId;
  run.detailsUrl = request.details_url ?? run.detailsUrl;
  run.startedAt = request.started_at ?? run.startedAt;
  run.actions = request.actions ?? run.actions;
  if (output !== undefined) {
    const { title, summary, text } = run.output;
    run.output = {
      title: output.title ?? title,
      summary: output.summary ?? summary,
      text: output.text ?? text,
    };
  }
  const status = request.conclusion === undefined ? request.status : "completed";
  if (status !== undefined) {
    run.status = status;
    run.conclusion = status === "completed" ? (request.conclusion ?? run.conclusion) : null;
    run.completedAt = status === "completed" ? (request.completed_at ?? now()) : null;
  }
  for (const value of output?.annotations ?? []) {
    world.tables.annotations.put({ id: world.tables.nextId("annotation"), checkRunId: run.id, value });
    run.annotations += 1;
  }
  run.updates += 1;
  world.tables.updates.put({
    id: world.tables.nextId("checkUpdate"),
    checkRunId: run.id,
    at: new Date().toISOString(),
    request: { ...request },
  });
  world.tables.runs.put(run);
}

function completed(world: World, run: CheckRun, before: boolean): void {
  if (before || run.status !== "completed") return;
  const sender = bot(world, appById(world, run.appId));
  emitRun(world, run, "completed", sender);
  const suite = suiteById(world, run.suiteId);
  if (suiteState(world, suite).status === "completed") {
    later(world, emitSuite(world, suite, "completed", sender));
  }
}

function ensureSuite(
  world: World,
  repository: Repository,
  app: App,
  headSha: string,
  headBranch: string | null,
): { suite: CheckSuite; isNew: boolean } {
  const known = world.tables.suitesBySha(`${repository.id}/${headSha}`).find((row) => row.appId === app.id);
  if (known !== undefined) return { suite: known, isNew: false };
  const time = now();
  const suite = world.tables.suites.put({
    id: world.tables.nextId("checkSuite"),
    repositoryId: repository.id,
    appId: app.id,
    headSha,
    headBranch,
    createdAt: time,
    updatedAt: time,
  });
  return { suite, isNew: true };
}

function branchAt(world: World, repository: Repository, sha: string): string | null {
  const pulls = world.tables.pullsByRepository(repository.id);
  return pulls.find((pull) => pull.headSha === sha)?.headRef ?? null;
}

function bot(world: World, app: App): Account {
  return accountById(world, app.botId);
}

function emitRun(world: World, run: CheckRun, action: string, sender: Account, more: Json = {}): void {
  const only = action === "rerequested" || action === "requested_action" ? { onlyAppId: run.appId } : {};
  const repository = repositoryById(world, run.repositoryId);
  const payload = { check_run: checkRunEventShape(world, run), ...more };
  emit(world, { event: "check_run", action, repository, sender, payload, ...only });
}

async function emitSuite(world: World, suite: CheckSuite, action: string, sender: Account): Promise<void> {
  const repository = repositoryById(world, suite.repositoryId);
  const payload = { check_suite: await checkSuiteShape(world, suite) };
  emit(world, { event: "check_suite", action, repository, sender, payload, onlyAppId: suite.appId });
}

/** A suite needs its commit read first; nobody waits for that, so a failure must be heard elsewhere. */
function later(world: World, work: Promise<void>): void {
  work.catch((error: unknown) => world.journal.violation("crash", "check_suite event", String(error)));
}
