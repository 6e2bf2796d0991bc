import type { LeaseId } from "../ids.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import { bookLine, crossedCap, outstandingOf, type Cap, type Spent } from "./ledger-book.ts";
import type { Lease, LedgerLine } from "./rows.ts";

export type Extended =
  /** `reservedMicroUsd`: all that the lease has reserved now. */
  | { readonly ok: true; readonly lease: Lease; readonly reservedMicroUsd: number }
  | { readonly ok: false; readonly why: "not_active" }
  | ({ readonly ok: false; readonly why: "over_cap"; readonly capMicroUsd: number } & Spent);

/** See `Leases.extend`. */
export async function extendLease(
  db: Db,
  id: LeaseId,
  expiresAt: number,
  reserve: LedgerLine,
  caps: readonly Cap[],
): Promise<Extended> {
  return db.write(async (trx) => {
    const at = db.now();
    const row = await trx<LeaseRow>("lease").where({ id, state: "active" }).first();
    if (row === undefined) return { ok: false, why: "not_active" };
    const answer = async (lease: LeaseRow) => ({
      ok: true as const,
      lease: toLease(lease),
      reservedMicroUsd: await outstandingOf(trx, id),
    });
    if ((await trx("ledger").where({ key: reserve.key }).first("id")) !== undefined) return answer(row);
    const crossed = await crossedCap(trx, reserve, caps);
    if (crossed !== null) return { ok: false, why: "over_cap", ...crossed };
    await bookLine(trx, at, reserve);
    if (expiresAt <= row.expires_at) return answer(row);
    await trx("lease").where({ id }).update({ expires_at: expiresAt });
    const data = { from: row.expires_at, to: expiresAt, reservedMicroUsd: reserve.microUsd };
    await appendEvent(trx, at, { subject: "lease", subjectId: id, type: "extended", data });
    return answer({ ...row, expires_at: expiresAt });
  });
}

/** See `Leases.keep`. */
export async function keepLease(db: Db, id: LeaseId, idleMs: number): Promise<Lease | null> {
  return db.write(async (trx) => {
    const at = db.now();
    const rows: LeaseRow[] = await trx("lease")
      .where({ id, state: "active" })
      .update({
        idle_ms: trx.raw("case when idle_ms < ? then ? else idle_ms end", [idleMs, idleMs]),
        idle_since: trx.raw("case when idle_since is null then null else ? end", [at]),
      })
      .returning("*");
    const [row] = rows;
    if (row === undefined) return null;
    await appendEvent(trx, at, { subject: "lease", subjectId: id, type: "kept", data: { idleMs } });
    return toLease(row);
  });
}
