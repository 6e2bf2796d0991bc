import type { BoxId, LeaseId } from "../ids.ts";
import type { BoxState } from "../leases/lease.ts";
import { changeBox, noteBox, type BoxNote } from "./boxes-change.ts";
import { toBox, type BoxRow } from "./boxes-row.ts";
import type { Db } from "./db.ts";
import type { Box } from "./rows.ts";

export type Boxes = {
  get(id: BoxId): Promise<Box | null>;
  ofLease(leaseId: LeaseId): Promise<Box | null>;
  /** Null when it was not in `from` any more. `readyAt` is its first ready, `goneAt` its gone. */
  change(id: BoxId, from: BoxState, to: BoxState): Promise<Box | null>;
  /** What is learned along the way. */
  note(id: BoxId, set: BoxNote): Promise<void>;
  /** All that are not gone, oldest first. */
  live(): Promise<readonly Box[]>;
};

/** The table of boxes. Failures are `store_failed` and its kin. */
export function createBoxes(db: Db): Boxes {
  const find = async (where: Partial<BoxRow>): Promise<Box | null> => {
    const row = await db.read((knex) => knex<BoxRow>("box").where(where).first());
    return row === undefined ? null : toBox(row);
  };
  return {
    get: (id) => find({ id }),
    ofLease: (leaseId) => find({ lease_id: leaseId }),
    async change(id, from, to) {
      return db.write(async (trx) => {
        const row = await changeBox(trx, db.now(), id, from, to);
        return row === null ? null : toBox(row);
      });
    },
    async note(id, set) {
      await db.write((trx) => noteBox(trx, db.now(), id, set));
    },
    async live() {
      const rows = await db.read((knex) =>
        knex<BoxRow>("box").whereNot({ state: "gone" }).orderBy(["created_at", "id"]).select(),
      );
      return rows.map((row) => toBox(row));
    },
  };
}
