import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import type { LedgerLine } from "./rows.ts";

/** A limit on what is charged since `since` (start of the month) plus what is reserved; of the account, or of one member's runs. */
export type Cap = {
  readonly microUsd: number;
  readonly since: number;
  /** A login; absent: everybody's together. */
  readonly member?: string;
};

export type Spent = { readonly chargedMicroUsd: number; readonly reservedMicroUsd: number };

/** Reservations minus releases. */
const OUTSTANDING =
  "coalesce(sum(case kind when 'reserve' then micro_usd when 'release' then -micro_usd else 0 end), 0)";

/** Books one line in the caller's transaction; the same key again books nothing. */
export async function bookLine(trx: Knex, at: number, line: LedgerLine): Promise<void> {
  if (!Number.isSafeInteger(line.microUsd) || line.microUsd < 0) {
    throw new AppError(
      "internal",
      `Ledger line ${line.key} has ${line.microUsd} micro-USD: amounts are whole and not negative.`,
      "Please report this defect.",
    );
  }
  await trx("ledger")
    .insert({
      kind: line.kind,
      key: line.key,
      micro_usd: line.microUsd,
      account_id: line.accountId,
      repository_id: line.repositoryId ?? null,
      pull_request: line.pullRequest ?? null,
      member: line.member ?? null,
      provider: line.provider,
      class: line.class,
      type: line.type ?? null,
      lease_id: line.leaseId,
      attempt_id: line.attemptId ?? null,
      at,
    })
    .onConflict("key")
    .ignore();
}

/** What a lease still has reserved. */
export async function outstandingOf(knex: Knex, leaseId: LedgerLine["leaseId"]): Promise<number> {
  const rows: { left: number }[] = await knex("ledger")
    .where({ lease_id: leaseId })
    .select(knex.raw(`${OUTSTANDING} as ??`, ["left"]));
  return rows[0]?.left ?? 0;
}

/** The first of `caps` that one more reservation would cross, with the numbers; null when it fits. */
export async function crossedCap(
  trx: Knex,
  reserve: LedgerLine,
  caps: readonly Cap[],
): Promise<(Spent & { readonly capMicroUsd: number }) | null> {
  for (const cap of caps) {
    const spent = await spentIn(trx, reserve.accountId, cap.since, cap.member);
    if (spent.chargedMicroUsd + spent.reservedMicroUsd + reserve.microUsd > cap.microUsd) {
      return { ...spent, capMicroUsd: cap.microUsd };
    }
  }
  return null;
}

/** See `Ledger.spent`: reserved are the leases that have not ended, also those of last month. */
export async function spentIn(knex: Knex, accountId: number, since: number, member?: string): Promise<Spent> {
  const whose = member === undefined ? {} : { member };
  const charged: { total: number }[] = await knex("ledger")
    .where({ account_id: accountId, kind: "charge", ...whose })
    .andWhere("at", ">=", since)
    .select(knex.raw("coalesce(sum(micro_usd), 0) as total"));
  const reserved: { total: number }[] = await knex("ledger")
    .whereIn(
      "lease_id",
      knex("lease")
        .where({ account_id: accountId })
        .whereIn("state", ["requested", "active", "ending"])
        .select("id"),
    )
    .where(whose)
    .select(knex.raw(`${OUTSTANDING} as total`));
  return { chargedMicroUsd: charged[0]?.total ?? 0, reservedMicroUsd: reserved[0]?.total ?? 0 };
}
