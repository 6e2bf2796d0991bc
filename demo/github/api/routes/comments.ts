import { createComment, deleteComment, editComment, react } from "../../acts/comments.ts";
import { notFound } from "../../http/failure.ts";
import type { Account, Comment, Repository } from "../../model.ts";
import { accountById } from "../../shapes/account.ts";
import { commentShape, liveReactions, reactionShape } from "../../shapes/comment.ts";
import type { World } from "../../world.ts";
import type { Need } from "../access.ts";
import { notAccessible } from "../access.ts";
import { paginate } from "../pagination.ts";
import { onRepository } from "../router.ts";
import type { Call, Route } from "../router.ts";
import { pullOf } from "./pulls.ts";

const READ: readonly Need[] = [
  ["issues", "read"],
  ["pull_requests", "read"],
];
const WRITE: readonly Need[] = [
  ["issues", "write"],
  ["pull_requests", "write"],
];
const COMMENT = "/issues/comments/{comment_id}";

/** Comments on pull requests and their reactions. */
export const commentRoutes: readonly Route[] = [
  onRepository("GET", "/issues/{issue_number}/comments", READ, (call, repository) => {
    const { world, params, query } = call;
    const pull = pullOf(world, repository, params["issue_number"]);
    const since = Date.parse(query.get("since") ?? "") || 0;
    const rows = world.tables
      .commentsByPull(`${repository.id}/${pull.number}`)
      .filter((row) => row.deletedAt === null && Date.parse(row.updatedAt) >= since);
    const page = paginate(call, rows);
    return { status: 200, json: page.items.map((row) => commentShape(world, row)), headers: page.headers };
  }),
  onRepository(
    "POST",
    "/issues/{issue_number}/comments",
    WRITE,
    (call, repository) => {
      const { world, params, body } = call;
      const pull = pullOf(world, repository, params["issue_number"]);
      const { account, appId } = author(call);
      const comment = createComment(world, pull, account, appId, String(body["body"]));
      return { status: 201, json: commentShape(world, comment) };
    },
    { content: true },
  ),
  onRepository("GET", COMMENT, READ, (call, repository) => {
    return { status: 200, json: commentShape(call.world, commentOf(call, repository)) };
  }),
  onRepository("PATCH", COMMENT, WRITE, (call, repository) => {
    const { account } = author(call);
    const comment = editComment(call.world, commentOf(call, repository), account, String(call.body["body"]));
    return { status: 200, json: commentShape(call.world, comment) };
  }),
  onRepository("DELETE", COMMENT, WRITE, (call, repository) => {
    deleteComment(call.world, commentOf(call, repository), author(call).account);
    return { status: 204 };
  }),
  onRepository("GET", `${COMMENT}/reactions`, READ, (call, repository) => {
    const content = call.query.get("content");
    const rows = liveReactions(call.world, commentOf(call, repository));
    const page = paginate(
      call,
      rows.filter((row) => content === null || row.content === content),
    );
    const json = page.items.map((row) => reactionShape(call.world, row));
    return { status: 200, json, headers: page.headers };
  }),
  onRepository(
    "POST",
    `${COMMENT}/reactions`,
    WRITE,
    (call, repository) => {
      const comment = commentOf(call, repository);
      const { reaction, isNew } = react(
        call.world,
        comment,
        author(call).account,
        String(call.body["content"]),
      );
      return { status: isNew ? 201 : 200, json: reactionShape(call.world, reaction) };
    },
    { content: true },
  ),
  onRepository("DELETE", `${COMMENT}/reactions/{reaction_id}`, WRITE, (call, repository) => {
    const { world, params } = call;
    const rows = liveReactions(world, commentOf(call, repository));
    const reaction = rows.find((row) => row.id === Number(params["reaction_id"]));
    if (reaction === undefined) throw notFound();
    if (reaction.userId !== author(call).account.id) throw notAccessible();
    reaction.removedAt = new Date().toISOString();
    world.tables.reactions.put(reaction);
    return { status: 204 };
  }),
];

function commentOf({ world, params }: Call, repository: Repository): Comment {
  const found = world.tables.comments.get(Number(params["comment_id"]));
  if (found === undefined || found.deletedAt !== null || found.repositoryId !== repository.id)
    throw notFound();
  return found;
}

/** Apps write as their bot, people as themselves. */
function author({ world, caller }: Call): { account: Account; appId: number | null } {
  if (caller.kind === "installation") {
    return { account: accountById(world, caller.app.botId), appId: caller.app.id };
  }
  if (caller.kind === "user")
    return { account: userOf(world, caller.userId), appId: caller.token.appId ?? null };
  throw notAccessible();
}

function userOf(world: World, id: number): Account {
  return accountById(world, id);
}
