import { emit } from "../hooks/emit.ts";
import { Failure } from "../http/failure.ts";
import type { Account, Comment, Json, Pull, Reaction } from "../model.ts";
import { commentShape, liveReactions } from "../shapes/comment.ts";
import { issueShape, repositoryById } from "../shapes/pull.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

/** GitHub's own words name the limit: "Body is too long (maximum is 65536 characters)". */
const BODY_LIMIT_CHARS = 65_536;

/** Writes a comment on a pull request, by a person or by an App (`appId`). */
export function createComment(
  world: World,
  pull: Pull,
  author: Account,
  appId: number | null,
  body: string,
): Comment {
  checkBody(body);
  const time = now();
  const comment = world.tables.comments.put({
    id: world.tables.nextId("comment"),
    repositoryId: pull.repositoryId,
    number: pull.number,
    authorId: author.id,
    appId,
    body,
    edits: 0,
    deletedAt: null,
    createdAt: time,
    updatedAt: time,
  });
  emitComment(world, comment, "created", author);
  return comment;
}

/** Replaces the text; the one before is kept in the history. */
export function editComment(world: World, comment: Comment, editor: Account, body: string): Comment {
  checkBody(body);
  const before = comment.body;
  world.tables.edits.put({
    id: world.tables.nextId("edit"),
    commentId: comment.id,
    before,
    after: body,
    at: now(),
  });
  comment.body = body;
  comment.edits += 1;
  comment.updatedAt = now();
  world.tables.comments.put(comment);
  emitComment(world, comment, "edited", editor, { changes: { body: { from: before } } });
  return comment;
}

/** Takes a comment away. */
export function deleteComment(world: World, comment: Comment, actor: Account): void {
  comment.deletedAt = now();
  world.tables.comments.put(comment);
  emitComment(world, comment, "deleted", actor);
}

/** Adds a reaction once a person and kind; `isNew` tells 201 from 200. */
export function react(
  world: World,
  comment: Comment,
  user: Account,
  content: string,
): { reaction: Reaction; isNew: boolean } {
  const known = liveReactions(world, comment).find(
    (row) => row.userId === user.id && row.content === content,
  );
  if (known !== undefined) return { reaction: known, isNew: false };
  const reaction = world.tables.reactions.put({
    id: world.tables.nextId("reaction"),
    commentId: comment.id,
    userId: user.id,
    content,
    createdAt: now(),
    removedAt: null,
  });
  return { reaction, isNew: true };
}

function checkBody(body: string): void {
  const failed = (message: string): Failure =>
    new Failure(422, "Validation Failed", {
      errors: [{ resource: "IssueComment", code: "unprocessable", field: "data", message }],
      limit: true,
    });
  if (body.length > BODY_LIMIT_CHARS)
    throw failed(`Body is too long (maximum is ${BODY_LIMIT_CHARS} characters)`);
  if (body.trim() === "") throw failed("Body cannot be blank");
}

function emitComment(world: World, comment: Comment, action: string, sender: Account, more: Json = {}): void {
  const repository = repositoryById(world, comment.repositoryId);
  const pull = world.tables.pullsByNumber(`${comment.repositoryId}/${comment.number}`)[0];
  if (pull === undefined) throw new Error(`no pull request ${comment.number}`);
  const payload = { issue: issueShape(world, pull), comment: commentShape(world, comment), ...more };
  emit(world, { event: "issue_comment", action, repository, sender, payload });
}
