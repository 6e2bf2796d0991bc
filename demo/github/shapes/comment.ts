import type { Comment, Json, Reaction } from "../model.ts";
import type { World } from "../world.ts";
import { accountById, accountShape, accountShapeById, appById, appShape, nodeId } from "./account.ts";
import { association, repositoryById, rollup } from "./pull.ts";
import { pageUrl, repositoryUrl } from "./repository.ts";

/** A comment on a pull request. */
export function commentShape(world: World, comment: Comment): Json {
  const repository = repositoryById(world, comment.repositoryId);
  const url = repositoryUrl(world, repository, `/issues/comments/${comment.id}`);
  const author = accountById(world, comment.authorId);
  const reactions = liveReactions(world, comment).map((reaction) => reaction.content);
  return {
    url,
    html_url: pageUrl(world, repository, `/pull/${comment.number}#issuecomment-${comment.id}`),
    issue_url: repositoryUrl(world, repository, `/issues/${comment.number}`),
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    user: accountShape(world, author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(world, repository, author),
    body: comment.body,
    reactions: rollup(`${url}/reactions`, reactions),
    performed_via_github_app: comment.appId === null ? null : appShape(world, appById(world, comment.appId)),
  };
}

/** A reaction as its routes answer it. */
export function reactionShape(world: World, reaction: Reaction): Json {
  return {
    id: reaction.id,
    node_id: nodeId("REA", reaction.id),
    user: accountShapeById(world, reaction.userId),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

/** Reactions that were not taken back. */
export function liveReactions(world: World, comment: Comment): Reaction[] {
  return world.tables.reactionsByComment(comment.id).filter((reaction) => reaction.removedAt === null);
}
