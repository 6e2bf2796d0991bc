import type { Knex } from "knex";
import type { AttemptId, BoxId, LeaseId, RunId } from "../ids.ts";
import type { Db } from "./db.ts";
import { createAttempt, endAttempt, progressAttempt, storeTask } from "./attempts-change.ts";
import { toAttempt, type AttemptRow } from "./attempts-row.ts";
import type { Attempt, PhaseTimes } from "./rows.ts";

export type AttemptProgress = {
  readonly logBytes: number;
  readonly phases: PhaseTimes;
  readonly executed: boolean;
};

export type Attempts = {
  /**
   * Inserts as `starting` and marks the lease busy with it, in one transaction; null when the lease is busy with another or not active.
   * The same id again answers the attempt that is there.
   */
  create(attempt: { id: AttemptId; runId: RunId; n: number; leaseId: LeaseId }): Promise<Attempt | null>;
  get(id: AttemptId): Promise<Attempt | null>;
  /** In order of n. */
  ofRun(runId: RunId): Promise<readonly Attempt[]>;
  /** Oldest first. */
  ofLease(leaseId: LeaseId): Promise<readonly Attempt[]>;
  /** Stored before the task is sent (law 2), without secrets: they are cut even when the object carries them. */
  setTask(id: AttemptId, task: NonNullable<Attempt["task"]>): Promise<void>;
  /**
   * `starting -> running` on the first frame; then repeated freely, also after the end. A shorter log than is known is older news and
   * changes nothing; `executed` never goes back to false.
   */
  progress(id: AttemptId, set: AttemptProgress): Promise<void>;
  /** Ends it, sets the lease idle again (`idleSince` now), in one transaction. Null when already ended. */
  end(
    id: AttemptId,
    set: { readonly exit: Attempt["exit"]; readonly executed: boolean },
  ): Promise<Attempt | null>;
  /** boxd has forgotten it. */
  swept(id: AttemptId): Promise<void>;
  /** Ended, on a box that still lives, not swept. */
  unswept(boxId: BoxId): Promise<readonly Attempt[]>;
};

/** The table of attempts. Failures are `store_failed` and its kin. */
export function createAttempts(db: Db): Attempts {
  const list = async (query: (knex: Knex) => PromiseLike<AttemptRow[]>): Promise<readonly Attempt[]> => {
    const rows = await db.read(async (knex) => query(knex));
    return rows.map((row) => toAttempt(row));
  };
  return {
    create: (attempt) => createAttempt(db, attempt),
    async get(id) {
      const row = await db.read((knex) => knex<AttemptRow>("attempt").where({ id }).first());
      return row === undefined ? null : toAttempt(row);
    },
    ofRun: (runId) =>
      list((knex) => knex<AttemptRow>("attempt").where({ run_id: runId }).orderBy("n").select()),
    ofLease: (leaseId) =>
      list((knex) =>
        knex<AttemptRow>("attempt").where({ lease_id: leaseId }).orderBy(["created_at", "n", "id"]).select(),
      ),
    setTask: (id, task) => storeTask(db, id, task),
    progress: (id, set) => progressAttempt(db, id, set),
    end: (id, set) => endAttempt(db, id, set.exit, set.executed),
    async swept(id) {
      await db.write(async (trx) => {
        await trx("attempt").where({ id }).update({ swept: 1 });
      });
    },
    unswept: (boxId) =>
      list((knex) =>
        knex<AttemptRow>("attempt")
          .join("box", "box.lease_id", "attempt.lease_id")
          .where("box.id", boxId)
          .whereNot("box.state", "gone")
          .where("attempt.state", "ended")
          .where("attempt.swept", 0)
          .orderBy(["attempt.created_at", "attempt.n"])
          .select("attempt.*"),
      ),
  };
}
