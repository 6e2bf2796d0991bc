import type { LeaseId } from "../ids.ts";
import type { Db } from "./db.ts";
import { spentIn, type Spent } from "./ledger-book.ts";
import type { LedgerLine } from "./rows.ts";

export type Ledger = {
  /** In the order they were booked. */
  ofLease(leaseId: LeaseId): Promise<readonly (LedgerLine & { readonly at: number })[]>;
  /** Charged since `since`, plus what is reserved now, whenever it was reserved. */
  spent(accountId: number, since: number): Promise<Spent>;
};

type LedgerRow = {
  readonly id: number;
  readonly kind: LedgerLine["kind"];
  readonly key: string;
  readonly micro_usd: number;
  readonly account_id: number;
  readonly repository_id: number | null;
  readonly pull_request: number | null;
  readonly member: string | null;
  readonly provider: string;
  readonly class: LedgerLine["class"];
  readonly type: string | null;
  readonly lease_id: LedgerLine["leaseId"];
  readonly attempt_id: NonNullable<LedgerLine["attemptId"]> | null;
  readonly at: number;
};

/** The table of reservations and charges. Failures are `store_failed` and its kin. */
export function createLedger(db: Db): Ledger {
  return {
    async ofLease(leaseId) {
      const rows = await db.read((knex) =>
        knex<LedgerRow>("ledger").where({ lease_id: leaseId }).orderBy("id").select(),
      );
      return rows.map((row) => toLine(row));
    },
    spent: (accountId, since) => db.read((knex) => spentIn(knex, accountId, since)),
  };
}

function toLine(row: LedgerRow): LedgerLine & { readonly at: number } {
  return {
    kind: row.kind,
    key: row.key,
    microUsd: row.micro_usd,
    accountId: row.account_id,
    ...(row.repository_id === null ? {} : { repositoryId: row.repository_id }),
    ...(row.pull_request === null ? {} : { pullRequest: row.pull_request }),
    ...(row.member === null ? {} : { member: row.member }),
    provider: row.provider,
    class: row.class,
    ...(row.type === null ? {} : { type: row.type }),
    leaseId: row.lease_id,
    ...(row.attempt_id === null ? {} : { attemptId: row.attempt_id }),
    at: row.at,
  };
}
