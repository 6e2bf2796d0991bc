import type { Knex } from "knex";
import type { RunId } from "../ids.ts";
import type { RunState } from "../runs/run.ts";
import type { Db } from "./db.ts";
import type { Run } from "./rows.ts";
import { nextQueued } from "./runs-order.ts";
import { toRun, type RunRow } from "./runs-row.ts";

/** Every state but done. */
export const UNFINISHED: readonly RunState[] = ["held", "queued", "leasing", "running", "reporting"];

/** Nobody of this process works on it, and its pause is over. */
const FREE =
  "(claim_fence is null or claim_fence < :fence or claimed_until <= :now) and (not_before is null or not_before <= :now)";

/** A claim that was put down. */
export const UNCLAIMED = { claim_owner: null, claim_fence: null, claimed_until: null };

/** See `Runs.claim`. Polling costs one read only while nothing waits. */
export async function claimRuns(
  db: Db,
  limit: number,
  perAccount: number,
  claimMs: number,
): Promise<readonly Run[]> {
  if (!(await db.read((knex) => anyFree(knex, db)))) return [];
  return db.write(async (trx) => {
    const ids = await selectClaimable(trx, db, limit, perAccount);
    const rows: RunRow[] = await trx("run")
      .whereIn("id", ids)
      .update({
        claim_owner: db.worker,
        claim_fence: db.fence,
        claimed_until: db.now() + claimMs,
        not_before: null,
      })
      .returning("*");
    const runs = new Map(rows.map((row) => [row.id, toRun(row)]));
    return ids.map((id) => runs.get(id)).filter((run) => run !== undefined);
  });
}

/** Whether a run waits for a worker at all; accounts that are at their limit are not looked at. */
async function anyFree(knex: Knex, db: Db): Promise<boolean> {
  const row = await knex("run")
    .whereIn("state", UNFINISHED)
    .whereRaw("(state <> 'held' or cancel is not null)")
    .whereRaw(FREE, { fence: db.fence, now: db.now() })
    .first("id");
  return row !== undefined;
}

async function selectClaimable(knex: Knex, db: Db, limit: number, perAccount: number): Promise<RunId[]> {
  const left = await leftBehind(knex, db, limit);
  if (left.length >= limit) return left;
  return [...left, ...(await nextQueued(knex, db, limit - left.length, perAccount))];
}

/** Runs that were being worked on by somebody who is gone, and runs asked to end before anybody worked on them. */
async function leftBehind(knex: Knex, db: Db, limit: number): Promise<RunId[]> {
  const rows = await knex("run")
    .whereIn("state", UNFINISHED)
    .whereRaw("(state not in ('held', 'queued') or cancel is not null)")
    .whereRaw(FREE, { fence: db.fence, now: db.now() })
    .orderBy("seq")
    .limit(limit)
    .select<{ id: RunId }[]>("id");
  return rows.map((row) => row.id);
}
