import { createCheckRun, rerequestRun, rerequestSuite, updateCheckRun } from "../../acts/checks.ts";
import type { CheckRequest } from "../../acts/checks.ts";
import { Failure, notFound } from "../../http/failure.ts";
import type { App, CheckRun, CheckSuite, Repository } from "../../model.ts";
import { accountById } from "../../shapes/account.ts";
import { annotationShape, checkRunShape, checkSuiteShape } from "../../shapes/check.ts";
import { latestByName } from "../../shapes/check.ts";
import type { Need } from "../access.ts";
import { notAccessible } from "../access.ts";
import { paginate } from "../pagination.ts";
import { onRepository } from "../router.ts";
import type { Call, Reply, Route } from "../router.ts";

const READ: readonly Need[] = [["checks", "read"]];
const WRITE: readonly Need[] = [["checks", "write"]];
const RUN = "/check-runs/{check_run_id}";

/** Check runs and suites. */
export const checkRoutes: readonly Route[] = [
  onRepository(
    "POST",
    "/check-runs",
    WRITE,
    async (call, repository) => {
      const app = appOf(call);
      const request = call.body as CheckRequest & { name: string; head_sha: string };
      const sha = await call.world.git.resolve(repository, request.head_sha);
      if (sha !== request.head_sha) throw new Failure(422, `No commit found for SHA: ${request.head_sha}`);
      return {
        status: 201,
        json: checkRunShape(call.world, createCheckRun(call.world, repository, app, request)),
      };
    },
    { content: true },
  ),
  onRepository("PATCH", RUN, WRITE, (call, repository) => {
    const run = runOf(call, repository);
    if (appOf(call).id !== run.appId) throw notAccessible();
    return {
      status: 200,
      json: checkRunShape(call.world, updateCheckRun(call.world, run, call.body)),
    };
  }),
  onRepository("GET", RUN, READ, (call, repository) => {
    return { status: 200, json: checkRunShape(call.world, runOf(call, repository)) };
  }),
  onRepository("GET", `${RUN}/annotations`, READ, (call, repository) => {
    const run = runOf(call, repository);
    const page = paginate(call, call.world.tables.annotationsByRun(run.id));
    const json = page.items.map((row) => annotationShape(call.world, run, row));
    return { status: 200, json, headers: page.headers };
  }),
  onRepository("POST", `${RUN}/rerequest`, WRITE, (call, repository) => {
    const run = runOf(call, repository);
    if (run.status !== "completed") throw new Failure(422, "This check run is not rerequestable");
    rerequestRun(call.world, run, accountById(call.world, appOf(call).botId));
    return { status: 201, json: {} };
  }),
  onRepository("GET", "/commits/{ref}/check-runs", READ, async (call, repository) => {
    const ref = call.params["ref"] ?? "";
    const sha = await call.world.git.resolve(repository, ref);
    if (sha === null) throw new Failure(422, `No commit found for SHA: ${ref}`);
    return listRuns(call, call.world.tables.runsBySha(`${repository.id}/${sha}`));
  }),
  onRepository("GET", "/check-suites/{check_suite_id}", READ, async (call, repository) => {
    return { status: 200, json: await checkSuiteShape(call.world, suiteOf(call, repository)) };
  }),
  onRepository("GET", "/check-suites/{check_suite_id}/check-runs", READ, (call, repository) => {
    return listRuns(call, call.world.tables.runsBySuite(suiteOf(call, repository).id));
  }),
  onRepository("POST", "/check-suites/{check_suite_id}/rerequest", WRITE, async (call, repository) => {
    const bot = accountById(call.world, appOf(call).botId);
    await rerequestSuite(call.world, suiteOf(call, repository), bot);
    return { status: 201, json: {} };
  }),
];

function listRuns(call: Call, runs: readonly CheckRun[]): Reply {
  const name = call.query.get("check_name");
  const status = call.query.get("status");
  const appId = call.query.get("app_id");
  const found = runs.filter((run) => {
    if (name !== null && run.name !== name) return false;
    if (status !== null && run.status !== status) return false;
    return appId === null || run.appId === Number(appId);
  });
  // "latest" is GitHub's default: the newest of each name.
  const kept = call.query.get("filter") === "all" ? found : latestByName(found);
  const newestFirst = [...kept].sort((a, b) => b.id - a.id);
  const page = paginate(call, newestFirst);
  const json = {
    total_count: newestFirst.length,
    check_runs: page.items.map((run) => checkRunShape(call.world, run)),
  };
  return { status: 200, json, headers: page.headers };
}

function runOf({ world, params }: Call, repository: Repository): CheckRun {
  const run = world.tables.runs.get(Number(params["check_run_id"]));
  if (run === undefined || run.repositoryId !== repository.id) throw notFound();
  return run;
}

function suiteOf({ world, params }: Call, repository: Repository): CheckSuite {
  const suite = world.tables.suites.get(Number(params["check_suite_id"]));
  if (suite === undefined || suite.repositoryId !== repository.id) throw notFound();
  return suite;
}

/** Only Apps may write checks: docs.github.com, "Create a check run". */
function appOf({ caller }: Call): App {
  if (caller.kind !== "installation") throw new Failure(403, "You must authenticate via a GitHub App.");
  return caller.app;
}
