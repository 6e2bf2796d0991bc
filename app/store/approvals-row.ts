import type { Knex } from "knex";
import type { Run } from "./rows.ts";

/** A writer's word for one commit of a fork or of Dependabot (law 11): all it is bound to, as it was then. */
export type Approval = {
  readonly id: number;
  readonly repositoryId: number;
  readonly pullRequest: number;
  readonly sha: string;
  readonly headRepositoryId: number;
  readonly baseRef: string;
  /** Whether the repository was private. */
  readonly private: boolean;
  readonly actor: string;
  readonly actorId: number;
  readonly at: number;
};

/** What an approval must match to cover a run. */
export type Covered = Pick<Run, "repositoryId" | "pullRequest" | "headSha" | "headRepositoryId" | "baseRef">;

/** The table's columns as SQLite gives them. */
export type ApprovalRow = {
  readonly id: number;
  readonly source_key: string;
  readonly repository_id: number;
  readonly pull_request: number;
  readonly sha: string;
  readonly head_repository_id: number;
  readonly base_ref: string;
  readonly private: number;
  readonly actor: string;
  readonly actor_id: number;
  readonly at: number;
};

/**
 * Approvals of exactly the run's head commit, from that repository, to that branch; newest first. What the run checks out is that commit,
 * or GitHub's own merge of it into the base branch, with just these two as parents.
 */
export async function coveredBy(knex: Knex, run: Covered, limit: number): Promise<readonly Approval[]> {
  if (run.pullRequest === null || run.headRepositoryId === null) return [];
  const rows = await knex<ApprovalRow>("approval")
    .where({
      repository_id: run.repositoryId,
      pull_request: run.pullRequest,
      sha: run.headSha,
      head_repository_id: run.headRepositoryId,
      base_ref: run.baseRef,
    })
    .orderBy("id", "desc")
    .limit(limit)
    .select();
  return rows.map((row) => toApproval(row));
}

/** A row as an approval. */
export function toApproval(row: ApprovalRow): Approval {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    pullRequest: row.pull_request,
    sha: row.sha,
    headRepositoryId: row.head_repository_id,
    baseRef: row.base_ref,
    private: row.private === 1,
    actor: row.actor,
    actorId: row.actor_id,
    at: row.at,
  };
}
