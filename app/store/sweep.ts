import type { Knex } from "knex";
import type { Db } from "./db.ts";

/** Rows in one transaction: a sweep never holds the writer for long. */
const ROWS_AT_ONCE = 2_000;

/** Epoch ms each; what is older goes. */
export type SweepBefore = {
  readonly deliveryBodies: number;
  /** Of what is left of a delivery: who asks for its GUID again after this finds none. */
  readonly deliveries: number;
  readonly events: number;
  readonly answers: number;
  /** Of what was told of runs that ended before: a check that is posted again afterwards would be a second one. */
  readonly checks: number;
};

/**
 * Retention: bodies of deliveries that are done or dead (their GUIDs stay longer, so that a late duplicate is still known), then
 * their rows, events, answers, outside calls for checks of ended runs and their annotations, what ended attempts were sent, and log links past their
 * expiry. Those for sticky comments stay: a pull request may be spoken on again after years, and has one. In small transactions; safe to stop and repeat.
 */
export async function sweep(db: Db, before: SweepBefore): Promise<Readonly<Record<string, number>>> {
  return {
    delivery: await inSlices(db, (trx) =>
      trx("delivery")
        .whereIn(
          "seq",
          trx("delivery")
            .whereIn("state", ["done", "dead"])
            .andWhere("received_at", "<", before.deliveryBodies)
            .whereNotNull("body")
            .limit(ROWS_AT_ONCE)
            .select("seq"),
        )
        .update({ body: null }),
    ),
    delivery_row: await inSlices(db, (trx) =>
      trx("delivery")
        .whereIn(
          "seq",
          trx("delivery")
            .whereIn("state", ["done", "dead"])
            .andWhere("received_at", "<", before.deliveries)
            .whereNull("body")
            .limit(ROWS_AT_ONCE)
            .select("seq"),
        )
        .delete(),
    ),
    event: await inSlices(db, (trx) => removeOld(trx, "event", "id", "at", before.events)),
    answer: await inSlices(db, (trx) => removeOld(trx, "answer", "id", "at", before.answers)),
    outside_call: await inSlices(db, (trx) => removeChecks(trx, "check:", before.checks)),
    annotations: await inSlices(db, (trx) => removeChecks(trx, "annotations:", before.checks)),
    attempt_task: await inSlices(db, (trx) => forgetTasks(trx, before.checks)),
    log_link: await inSlices(db, (trx) => removeOld(trx, "log_link", "token_hash", "expires_at", db.now())),
  };
}

async function removeOld(trx: Knex, table: string, key: string, column: string, before: number) {
  return trx(table)
    .whereIn(key, trx(table).where(column, "<", before).limit(ROWS_AT_ONCE).select(key))
    .delete();
}

/** What a lease's tasks were given is masked on its box as long as it serves: only of ended ones it goes. */
async function forgetTasks(trx: Knex, before: number) {
  const old = trx("attempt")
    .whereNotNull("task")
    .where("ended_at", "<", before)
    .whereIn("lease_id", trx("lease").where("state", "ended").select("id"))
    .limit(ROWS_AT_ONCE)
    .select("id");
  return trx("attempt").whereIn("id", old).update({ task: null });
}

/** From the calls (`PREFIX` RUN, perhaps `:` more) to their runs: of calls there are only the young ones left, of runs all. */
async function removeChecks(trx: Knex, prefix: "check:" | "annotations:", before: number) {
  const from = prefix.length + 1;
  const old = trx("outside_call")
    .where("key", "like", `${prefix}%`)
    .whereRaw("coalesce(done_at, intended_at) < ?", [before])
    .whereExists(
      trx("run")
        .whereRaw(
          "run.id = substr(outside_call.key, ?, instr(substr(outside_call.key, ?) || ':', ':') - 1)",
          [from, from],
        )
        .where("run.state", "done")
        .where("run.ended_at", "<", before)
        .select("run.id"),
    )
    .limit(ROWS_AT_ONCE)
    .select("key");
  return trx("outside_call").whereIn("key", old).delete();
}

async function inSlices(db: Db, slice: (trx: Knex) => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await db.write(slice);
    total += count;
    if (count < ROWS_AT_ONCE) return total;
  }
}
