import { diffFiles, mergeBase } from "../../git/diff.ts";
import { Failure, notFound } from "../../http/failure.ts";
import type { Pull, Repository } from "../../model.ts";
import { fileShape } from "../../shapes/commit.ts";
import { fullPullShape, issueShape, pullShape } from "../../shapes/pull.ts";
import type { World } from "../../world.ts";
import { accountById } from "../../shapes/account.ts";
import { paginate } from "../pagination.ts";
import { onRepository } from "../router.ts";
import type { Call, Route } from "../router.ts";

/** Pull requests, as pull requests and as issues. */
export const pullRoutes: readonly Route[] = [
  onRepository("GET", "/pulls", [["pull_requests", "read"]], (call, repository) => {
    const page = paginate(call, listed(call, repository));
    return {
      status: 200,
      json: page.items.map((pull) => pullShape(call.world, pull)),
      headers: page.headers,
    };
  }),
  onRepository(
    "GET",
    "/pulls/{pull_number}",
    [["pull_requests", "read"]],
    ({ world, params }, repository) => {
      return { status: 200, json: fullPullShape(world, pullOf(world, repository, params["pull_number"])) };
    },
  ),
  onRepository("GET", "/pulls/{pull_number}/files", [["pull_requests", "read"]], async (call, repository) => {
    const { world, params } = call;
    const pull = pullOf(world, repository, params["pull_number"]);
    const dir = world.git.dir(repository);
    const files = await diffFiles(dir, await mergeBase(dir, pull.baseSha, pull.headSha), pull.headSha);
    const page = paginate(call, files);
    const json = page.items.map((file) => fileShape(world, repository, pull.headSha, file));
    return { status: 200, json, headers: page.headers };
  }),
  onRepository(
    "GET",
    "/issues/{issue_number}",
    [
      ["issues", "read"],
      ["pull_requests", "read"],
    ],
    ({ world, params }, repository) => {
      return { status: 200, json: issueShape(world, pullOf(world, repository, params["issue_number"])) };
    },
  ),
];

/** The pull request of that number, or 404. */
export function pullOf(world: World, repository: Repository, number: string | undefined): Pull {
  const found = world.tables.pullsByNumber(`${repository.id}/${Number(number)}`)[0];
  if (found === undefined) throw notFound();
  return found;
}

function listed({ world, query }: Call, repository: Repository): Pull[] {
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const rows = world.tables.pullsByRepository(repository.id).filter((pull) => {
    if (state !== "all" && pull.state !== state) return false;
    if (base !== null && pull.baseRef !== base) return false;
    return head === null || label(world, pull) === head;
  });
  const sort = query.get("sort") ?? "created";
  const ascending = query.get("direction") === "asc";
  if (sort !== "created" && sort !== "updated") {
    throw new Failure(501, `The offline GitHub cannot sort by ${sort}`);
  }
  if (sort === "updated") {
    const at = (pull: Pull): number => Date.parse(pull.updatedAt);
    return rows.sort((a, b) => (ascending ? at(a) - at(b) : at(b) - at(a)));
  }
  return rows.sort((a, b) => (ascending ? a.number - b.number : b.number - a.number));
}

function label(world: World, pull: Pull): string {
  const head = world.tables.repositories.get(pull.headRepositoryId);
  return head === undefined ? "" : `${accountById(world, head.ownerId).login}:${pull.headRef}`;
}
