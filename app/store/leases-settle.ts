import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import type { LeaseId } from "../ids.ts";
import { boxOf, changeBox } from "./boxes-change.ts";
import type { Db } from "./db.ts";
import { changeLease } from "./leases-change.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import { bookLine, outstandingOf } from "./ledger-book.ts";
import type { Lease, LedgerLine } from "./rows.ts";

/** See `Leases.settle`. */
export async function settleLease(db: Db, id: LeaseId, lines: readonly LedgerLine[]): Promise<Lease | null> {
  return db.write(async (trx) => {
    const at = db.now();
    const row = await changeLease(trx, at, id, "ending", "ended", {
      ended_at: at,
      busy_attempt: null,
      idle_since: null,
    });
    if (row === null) {
      const ended = await trx<LeaseRow>("lease").where({ id, state: "ended" }).first();
      return ended === undefined ? null : toLease(ended);
    }
    await book(trx, at, row, lines);
    const box = await boxOf(trx, id);
    if (box !== null && box.state !== "gone") await changeBox(trx, at, box.id, box.state, "gone");
    return toLease(row);
  });
}

async function book(trx: Knex, at: number, lease: LeaseRow, lines: readonly LedgerLine[]): Promise<void> {
  for (const line of lines) {
    if (line.leaseId !== lease.id) {
      throw new AppError(
        "internal",
        `Line ${line.key} belongs to ${line.leaseId}, not to ${lease.id}.`,
        "Please report this defect.",
      );
    }
    await bookLine(trx, at, line);
  }
  const left = await outstandingOf(trx, lease.id);
  if (left < 0) {
    throw new AppError(
      "internal",
      `Lease ${lease.id} would release ${-left} micro-USD more than it reserved.`,
      "Please report this defect with the lease's ledger lines.",
    );
  }
  // An extension that was booked after the caller looked: the reservation must not outlive the lease.
  if (left > 0) {
    await bookLine(trx, at, {
      kind: "release",
      key: `release:${lease.id}:rest`,
      microUsd: left,
      accountId: lease.account_id,
      repositoryId: lease.repository_id,
      provider: lease.provider,
      class: lease.class,
      leaseId: lease.id,
    });
  }
  await trx("attempt")
    .where({ lease_id: lease.id })
    .update({
      cost_micro_usd: trx.raw(
        "(select coalesce(sum(micro_usd), 0) from ledger where kind = 'charge' and attempt_id = attempt.id)",
      ),
    });
}
