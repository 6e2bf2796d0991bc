import type { Lease } from "./rows.ts";

/** The table's columns as SQLite gives them. */
export type LeaseRow = {
  readonly id: Lease["id"];
  readonly slug: string;
  readonly account_id: number;
  readonly repository_id: number;
  readonly trust_domain: string;
  readonly holder_kind: Lease["holder"]["kind"];
  readonly holder_key: string;
  readonly purpose: string;
  readonly provider: string;
  readonly class: Lease["class"];
  readonly state: Lease["state"];
  readonly end_reason: Lease["endReason"];
  readonly busy_attempt: Lease["busyAttempt"];
  readonly created_at: number;
  readonly expires_at: number;
  readonly idle_ms: number;
  readonly idle_since: number | null;
  readonly ended_at: number | null;
};

/** A row as a lease; throws an AppError for a column that cannot be read. */
export function toLease(row: LeaseRow): Lease {
  return {
    id: row.id,
    slug: row.slug,
    accountId: row.account_id,
    repositoryId: row.repository_id,
    trustDomain: row.trust_domain,
    holder: { kind: row.holder_kind, key: row.holder_key },
    purpose: row.purpose,
    provider: row.provider,
    class: row.class,
    state: row.state,
    endReason: row.end_reason,
    busyAttempt: row.busy_attempt,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    idleMs: row.idle_ms,
    idleSince: row.idle_since,
    endedAt: row.ended_at,
  };
}
