import type { Knex } from "knex";
import type { LeaseId } from "../ids.ts";
import type { Db } from "./db.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import type { Lease } from "./rows.ts";

/** Nobody of this process works on it. */
const FREE = "(claim_fence is null or claim_fence < :fence or claimed_until <= :now)";

/** See `Leases.claimRequested`. Polling costs one read only while nothing waits. */
export async function claimRequested(
  db: Db,
  purpose: string,
  limit: number,
  claimMs: number,
): Promise<readonly Lease[]> {
  const free = (knex: Knex) =>
    knex<LeaseRow>("lease")
      .where({ state: "requested", purpose })
      .whereRaw(FREE, { fence: db.fence, now: db.now() })
      .orderBy(["created_at", "id"])
      .limit(limit)
      .select("id");
  if ((await db.read(async (knex) => free(knex))).length === 0) return [];
  return db.write(async (trx) => {
    const ids = (await free(trx)).map(({ id }) => id);
    const rows: LeaseRow[] = await trx("lease")
      .whereIn("id", ids)
      .update({ claim_owner: db.worker, claim_fence: db.fence, claimed_until: db.now() + claimMs })
      .returning("*");
    return rows.map((row) => toLease(row)).sort((a, b) => a.createdAt - b.createdAt);
  });
}

/** See `Leases.renew`. */
export async function renewLease(db: Db, id: LeaseId, claimMs: number): Promise<boolean> {
  return db.write(async (trx) => {
    const renewed = await trx("lease")
      .where({ id, claim_fence: db.fence })
      .update({ claimed_until: db.now() + claimMs });
    return renewed > 0;
  });
}
