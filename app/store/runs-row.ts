import { fromJson, fromJsonOrNull, toJson } from "./json-column.ts";
import type { Run } from "./rows.ts";
import type { NewRun } from "./runs.ts";

/** The table's columns as SQLite gives them. */
export type RunRow = {
  readonly seq: number;
  readonly id: Run["id"];
  readonly source: Run["source"];
  readonly source_key: string;
  readonly account_id: number;
  readonly repository_id: number;
  readonly pull_request: number | null;
  readonly comment_id: number | null;
  readonly head_sha: string;
  readonly checkout_sha: string;
  readonly base_sha: string;
  readonly base_ref: string;
  readonly head_ref: string;
  readonly head_repository_id: number | null;
  readonly actor: string;
  readonly actor_id: number;
  readonly check_name: string;
  readonly command_kind: Run["commandKind"];
  readonly command: string;
  readonly options: string;
  readonly retry_of: Run["retryOf"];
  readonly trust_domain: string;
  readonly state: Run["state"];
  readonly outcome: Run["outcome"];
  readonly detail: string | null;
  readonly cancel: string | null;
  readonly created_at: number;
  readonly queued_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly claim_fence: number | null;
};

/** A row as a run; throws an AppError for a column that cannot be read. */
export function toRun(row: RunRow): Run {
  const name = `run ${row.id}`;
  return {
    id: row.id,
    source: row.source,
    sourceKey: row.source_key,
    accountId: row.account_id,
    repositoryId: row.repository_id,
    pullRequest: row.pull_request,
    commentId: row.comment_id,
    headSha: row.head_sha,
    checkoutSha: row.checkout_sha,
    baseSha: row.base_sha,
    baseRef: row.base_ref,
    headRef: row.head_ref,
    headRepositoryId: row.head_repository_id,
    actor: row.actor,
    actorId: row.actor_id,
    checkName: row.check_name,
    commandKind: row.command_kind,
    command: row.command,
    options: fromJson(name, "options", row.options) as Run["options"],
    retryOf: row.retry_of,
    trustDomain: row.trust_domain,
    state: row.state,
    outcome: row.outcome,
    detail: fromJsonOrNull(name, "detail", row.detail) as Run["detail"],
    cancel: fromJsonOrNull(name, "cancel", row.cancel) as Run["cancel"],
    createdAt: row.created_at,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    claimFence: row.claim_fence,
  };
}

/** The columns of a run that is new. */
export function newRunRow(
  run: NewRun,
  state: Extract<Run["state"], "held" | "queued" | "reporting">,
  at: number,
): Readonly<Record<string, unknown>> {
  return {
    id: run.id,
    source: run.source,
    source_key: run.sourceKey,
    account_id: run.accountId,
    repository_id: run.repositoryId,
    pull_request: run.pullRequest,
    comment_id: run.commentId,
    head_sha: run.headSha,
    checkout_sha: run.checkoutSha,
    base_sha: run.baseSha,
    base_ref: run.baseRef,
    head_ref: run.headRef,
    head_repository_id: run.headRepositoryId,
    actor: run.actor,
    actor_id: run.actorId,
    check_name: run.checkName,
    command_kind: run.commandKind,
    command: run.command,
    options: toJson(run.options),
    retry_of: run.retryOf,
    trust_domain: run.trustDomain,
    state,
    created_at: at,
  };
}
