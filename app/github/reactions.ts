import { z } from "zod";
import { AppError } from "../errors.ts";
import { pacedWrite } from "./hub.ts";
import type { Hub, Pace, RepositoryRef } from "./hub.ts";

export type ReactionContent = "eyes" | "rocket" | "confused";

export type Reactions = {
  /** Puts our reaction on a comment and answers its id; GitHub keeps one of a kind, so repeating it is safe. */
  create(
    repository: RepositoryRef,
    commentId: number,
    content: ReactionContent,
    pace: Pace,
  ): Promise<{ readonly id: number }>;
  /** Takes our reaction back; one that is gone counts as taken back. */
  remove(repository: RepositoryRef, commentId: number, reactionId: number, pace: Pace): Promise<void>;
};

const reactionSchema = z.object({ id: z.number() });

/** Reactions to comments over GitHub's API; failures are thrown as call.ts sorts them. */
export function createReactions(hub: Hub): Reactions {
  return {
    async create(repository, commentId, content, pace) {
      const paced = await pacedWrite(hub, { repository, key: null, content: true }, pace, {
        what: "create reaction",
        reply: reactionSchema,
        send: (rest, options) =>
          rest.reactions.createForIssueComment({
            owner: repository.owner,
            repo: repository.name,
            comment_id: commentId,
            content,
            ...options,
          }),
      });
      if (paced.kind === "superseded") throw new Error("a write without a key was replaced");
      return paced.value;
    },
    async remove(repository, commentId, reactionId, pace) {
      try {
        await pacedWrite(hub, { repository, key: null, content: false }, pace, {
          what: "delete reaction",
          reply: z.unknown(),
          send: (rest, options) =>
            rest.reactions.deleteForIssueComment({
              owner: repository.owner,
              repo: repository.name,
              comment_id: commentId,
              reaction_id: reactionId,
              ...options,
            }),
        });
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== "github_gone") throw thrown;
      }
    },
  };
}
