import type { Knex } from "knex";
import type { Db } from "./db.ts";
import type { Delivery } from "./rows.ts";

type ClaimedRow = {
  readonly seq: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installation_id: number | null;
  readonly body: Buffer;
  readonly tries: number;
  readonly received_at: number;
};

/** See `Deliveries.claim`. Polling costs a read only while nothing is due. */
export async function claimDeliveries(db: Db, limit: number, claimMs: number): Promise<readonly Delivery[]> {
  const due = await db.read((knex) => selectDue(knex, db, 1));
  if (due.length === 0) return [];
  const rows = await db.write(async (trx) => {
    const now = db.now();
    const claimed: ClaimedRow[] = await trx("delivery")
      .whereIn("seq", await selectDue(trx, db, limit))
      .update({
        tries: trx.raw("tries + 1"),
        claim_owner: db.worker,
        claim_fence: db.fence,
        claimed_until: now + claimMs,
      })
      .returning(["seq", "guid", "event", "action", "installation_id", "body", "tries", "received_at"]);
    return claimed;
  });
  return rows.sort((a, b) => a.seq - b.seq).map((row) => toDelivery(row));
}

async function selectDue(knex: Knex, db: Db, limit: number): Promise<readonly number[]> {
  const now = db.now();
  const rows = await knex("delivery")
    .where({ state: "stored" })
    .andWhere("next_at", "<=", now)
    .whereRaw("(claim_fence is null or claim_fence < ? or claimed_until <= ?)", [db.fence, now])
    .orderBy("seq")
    .limit(limit)
    .select<{ seq: number }[]>("seq");
  return rows.map((row) => row.seq);
}

function toDelivery(row: ClaimedRow): Delivery {
  return {
    guid: row.guid,
    event: row.event,
    action: row.action,
    installationId: row.installation_id,
    body: row.body,
    tries: row.tries,
    receivedAt: row.received_at,
  };
}
