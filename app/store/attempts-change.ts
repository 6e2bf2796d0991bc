import type { Knex } from "knex";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import type { AttemptId, LeaseId, RunId } from "../ids.ts";
import { ATTEMPT_CHANGES, type AttemptState } from "../runs/run.ts";
import { toAttempt, type AttemptRow } from "./attempts-row.ts";
import type { AttemptProgress } from "./attempts.ts";
import { changeState } from "./change-state.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import { toJson } from "./json-column.ts";
import type { Attempt } from "./rows.ts";

/** See `Attempts.create`. */
export async function createAttempt(
  db: Db,
  attempt: { id: AttemptId; runId: RunId; n: number; leaseId: LeaseId },
): Promise<Attempt | null> {
  return db.write(async (trx) => {
    const known = await trx<AttemptRow>("attempt").where({ id: attempt.id }).first();
    if (known !== undefined) return toAttempt(known);
    const taken = await trx("lease")
      .where({ id: attempt.leaseId, state: "active" })
      .whereNull("busy_attempt")
      .update({ busy_attempt: attempt.id, idle_since: null });
    if (taken === 0) return null;
    const at = db.now();
    const row = {
      id: attempt.id,
      run_id: attempt.runId,
      n: attempt.n,
      lease_id: attempt.leaseId,
      state: "starting",
      phases: "{}",
      created_at: at,
    };
    const inserted: AttemptRow[] = await trx("attempt").insert(row).returning("*");
    await appendEvent(trx, at, {
      subject: "attempt",
      subjectId: attempt.id,
      type: "starting",
      data: { run: attempt.runId, n: attempt.n, lease: attempt.leaseId },
    });
    const [stored] = inserted;
    return stored === undefined ? null : toAttempt(stored);
  });
}

/** See `Attempts.setTask`. */
export async function storeTask(db: Db, id: AttemptId, task: NonNullable<Attempt["task"]>): Promise<void> {
  // A whole Task fits the type, too: its secrets must not reach the disk.
  const { secrets: _secrets, syncToken: _syncToken, given: _given, ...kept }: Partial<Task> = task;
  await db.write(async (trx) => {
    await trx("attempt")
      .where({ id })
      .update({ task: toJson(kept) });
  });
}

/** See `Attempts.progress`. */
export async function progressAttempt(db: Db, id: AttemptId, set: AttemptProgress): Promise<void> {
  await db.write(async (trx) => {
    await move(trx, db, id, "starting", "running", {});
    await trx("attempt")
      .where({ id })
      .andWhere("log_bytes", "<=", set.logBytes)
      .update({
        log_bytes: set.logBytes,
        phases: JSON.stringify(set.phases),
        ...(set.executed ? { executed: 1 } : {}),
      });
  });
}

/** See `Attempts.end`. */
export async function endAttempt(
  db: Db,
  id: AttemptId,
  exit: Attempt["exit"],
  executed: boolean,
): Promise<Attempt | null> {
  return db.write(async (trx) => {
    const at = db.now();
    const set = { exit: toJson(exit), ended_at: at, ...(executed ? { executed: 1 } : {}) };
    const row =
      (await move(trx, db, id, "running", "ended", set)) ??
      (await move(trx, db, id, "starting", "ended", set));
    if (row === null) return null;
    await trx("lease").where({ busy_attempt: id }).update({ busy_attempt: null, idle_since: at });
    return toAttempt(row);
  });
}

async function move(
  trx: Knex,
  db: Db,
  id: AttemptId,
  from: AttemptState,
  to: AttemptState,
  set: Readonly<Record<string, unknown>>,
): Promise<AttemptRow | null> {
  return changeState<AttemptRow, AttemptState>(trx, {
    table: "attempt",
    changes: ATTEMPT_CHANGES,
    id,
    from,
    to,
    at: db.now(),
    set,
  });
}
