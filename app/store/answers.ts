import type { Db } from "./db.ts";

export type Answer = { readonly actor: string; readonly body: string; readonly at: number };

export type Answers = {
  /** The same key again does nothing; answers whether it was new. */
  put(answer: {
    key: string;
    repositoryId: number;
    pullRequest: number;
    actor: string;
    body: string;
  }): Promise<boolean>;
  /** The answer of that key, where it belongs; null when there is none (any more). */
  get(
    key: string,
  ): Promise<{ readonly repositoryId: number; readonly pullRequest: number; readonly body: string } | null>;
  /** Newest first. */
  latest(repositoryId: number, pullRequest: number, limit: number): Promise<readonly Answer[]>;
};

/** The table of answers in the sticky comment. Failures are `store_failed` and its kin. */
export function createAnswers(db: Db): Answers {
  return {
    async put(answer) {
      return db.write(async (trx) => {
        const inserted = await trx("answer")
          .insert({
            key: answer.key,
            repository_id: answer.repositoryId,
            pull_request: answer.pullRequest,
            actor: answer.actor,
            body: answer.body,
            at: db.now(),
          })
          .onConflict("key")
          .ignore()
          .returning("id");
        return inserted.length > 0;
      });
    },
    async get(key) {
      const row = await db.read((knex) =>
        knex<{ key: string; repository_id: number; pull_request: number; body: string }>("answer")
          .where({ key })
          .first(),
      );
      return row === undefined
        ? null
        : { repositoryId: row.repository_id, pullRequest: row.pull_request, body: row.body };
    },
    async latest(repositoryId, pullRequest, limit) {
      return db.read((knex) =>
        knex("answer")
          .where({ repository_id: repositoryId, pull_request: pullRequest })
          .orderBy("id", "desc")
          .limit(limit)
          .select<Answer[]>("actor", "body", "at"),
      );
    },
  };
}
