import type { Knex } from "knex";
import type { RunId } from "../ids.ts";
import type { Db } from "./db.ts";

/** Claimed by a worker of this process whose claim holds. */
const CLAIMED = "(claim_fence is not null and claim_fence >= :fence and claimed_until > :now)";

/**
 * The one order of the queue. A run's slot is how many runs its account will have under way once it starts: those under way now plus
 * its place among the account's waiting ones. Lower slots go first, then order of arrival; so accounts take turns, and one with much
 * under way waits for those with little. A claimed one that is still `queued`
 * counts as under way; one that only reports does not.
 */
const ORDER = `
  with under_way as (
    select account_id, count(*) as n from run
    where state in ('leasing', 'running') or (state = 'queued' and cancel is null and ${CLAIMED})
    group by account_id
  ), waiting as (
    select id, seq, not_before, coalesce(under_way.n, 0)
      + row_number() over (partition by run.account_id order by seq) as slot
    from run left join under_way on under_way.account_id = run.account_id
    where state = 'queued' and cancel is null and not ${CLAIMED} :due
  )`;

/** The next queued runs in that order, none beyond `perAccount` of its account. One that pauses gives its place to the next. */
export async function nextQueued(
  knex: Knex,
  db: Db,
  limit: number,
  perAccount: number,
): Promise<readonly RunId[]> {
  const rows: { id: RunId }[] = await knex.raw(
    `${ORDER.replace(":due", "and (not_before is null or not_before <= :now)")}
     select id from waiting where slot <= :perAccount order by slot, seq limit :limit`,
    { fence: db.fence, now: db.now(), perAccount, limit },
  );
  return rows.map((row) => row.id);
}

/** See `Runs.capacityFreed`. */
export async function firstPausing(knex: Knex, db: Db, limit: number): Promise<readonly RunId[]> {
  const rows: { id: RunId }[] = await knex.raw(
    `${ORDER.replace(":due", "")}
     select id from waiting where not_before > :now order by slot, seq limit :limit`,
    { fence: db.fence, now: db.now(), limit },
  );
  return rows.map((row) => row.id);
}

/** See `Runs.position`: those claimed already are before all that wait. */
export async function positionOf(knex: Knex, db: Db, id: RunId): Promise<number> {
  const bindings = { fence: db.fence, now: db.now(), id };
  const rows: { place: number }[] = await knex.raw(
    `${ORDER.replace(":due", "")},
     mine as (select slot, seq from waiting where id = :id)
     select 1 + (select count(*) from waiting, mine
                 where waiting.slot < mine.slot or (waiting.slot = mine.slot and waiting.seq < mine.seq))
              + (select count(*) from run where state = 'queued' and cancel is null and ${CLAIMED}) as place
     from mine`,
    bindings,
  );
  const [row] = rows;
  if (row !== undefined) return row.place;
  const claimed: { place: number }[] = await knex.raw(
    `select count(*) as place from run, (select seq as mine from run
       where id = :id and state = 'queued' and cancel is null) as asked
     where state = 'queued' and cancel is null and ${CLAIMED} and seq <= mine`,
    bindings,
  );
  return claimed[0]?.place ?? 0;
}
