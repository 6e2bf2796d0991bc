import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Reads the App's store beside the App, as an auditor would: read only, its own connection. */
export function audit(stateDir: string, sql: string): readonly Row[] {
  const db = new DatabaseSync(join(stateDir, "crabbox.sqlite"), { readOnly: true, timeout: 10_000 });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}

/** What the books of a state dir get wrong once everything is over; empty when they balance. */
export function imbalances(stateDir: string): readonly string[] {
  const wrong = (what: string, sql: string) =>
    audit(stateDir, sql).map((row) => `${what}: ${JSON.stringify(row)}`);
  return [
    ...wrong(
      "lease not ended",
      "select id, state, holder_kind, busy_attempt from lease where state <> 'ended'",
    ),
    ...wrong("box not gone", "select id, lease_id, state from box where state <> 'gone'"),
    ...wrong("run not done", "select id, state from run where state <> 'done' or outcome is null"),
    ...wrong("attempt not ended", "select id, state from attempt where state <> 'ended'"),
    ...wrong("delivery not done", "select guid, state, tries, error from delivery where state <> 'done'"),
    ...wrong(
      "two running attempts of a run",
      "select run_id from attempt group by run_id, n having count(*) > 1",
    ),
    ...wrong(
      "reserved is not released",
      `select lease_id, sum(case kind when 'reserve' then micro_usd when 'release' then -micro_usd else 0 end) as rest
       from ledger group by lease_id having rest <> 0`,
    ),
    ...wrong(
      "not reserved exactly once when it was made",
      `select lease.id, count(ledger.id) as times from lease
       left join ledger on ledger.kind = 'reserve' and ledger.key = 'reserve:' || lease.id
       group by lease.id having times <> 1`,
    ),
    ...wrong(
      "an extension is not reserved exactly once",
      `select subject_id, count(*) as extensions from event where subject = 'lease' and type = 'extended'
       group by subject_id having extensions <> (select count(*) from ledger
       where kind = 'reserve' and lease_id = subject_id and key <> 'reserve:' || lease_id)`,
    ),
    ...wrong("charged twice", "select key, count(*) as times from ledger group by key having times > 1"),
    ...wrong(
      "charged without a reservation",
      `select lease_id from ledger where kind = 'charge' and lease_id not in
       (select lease_id from ledger where kind = 'reserve')`,
    ),
    ...wrong(
      "an attempt's cost is not the sum of its charges",
      `select a.id, a.cost_micro_usd as cost, coalesce(sum(l.micro_usd), 0) as charged from attempt a
       left join ledger l on l.attempt_id = a.id and l.kind = 'charge'
       group by a.id having coalesce(a.cost_micro_usd, 0) <> charged`,
    ),
  ];
}
