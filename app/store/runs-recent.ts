import type { Db } from "./db.ts";

export type PullRequestKey = { readonly repositoryId: number; readonly pullRequest: number };

/** Pull requests with a run or an answer made or a run ended since then: what may have news that nobody has been shown. */
export async function recentPullRequests(db: Db, since: number): Promise<readonly PullRequestKey[]> {
  const rows: { repository_id: number; pull_request: number }[] = await db.read((knex) =>
    knex("run")
      .whereNotNull("pull_request")
      .whereRaw("(created_at >= ? or ended_at >= ?)", [since, since])
      .select("repository_id", "pull_request")
      .union(knex("answer").where("at", ">=", since).select("repository_id", "pull_request")),
  );
  return rows.map((row) => ({ repositoryId: row.repository_id, pullRequest: row.pull_request }));
}
