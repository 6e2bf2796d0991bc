import type { Knex } from "knex";
import type { BoxId, LeaseId } from "../ids.ts";
import { BOX_CHANGES, type BoxState } from "../leases/lease.ts";
import type { BoxRow } from "./boxes-row.ts";
import { changeState } from "./change-state.ts";
import { appendEvent } from "./events.ts";
import { toJson } from "./json-column.ts";
import type { Box } from "./rows.ts";

export type BoxNote = Partial<
  Pick<Box, "ref" | "type" | "address" | "hydrated" | "epoch" | "unfit" | "price">
>;

/** One change of a box's state, in the caller's transaction. */
export async function changeBox(
  trx: Knex,
  at: number,
  id: BoxId,
  from: BoxState,
  to: BoxState,
): Promise<BoxRow | null> {
  return changeState<BoxRow, BoxState>(trx, {
    table: "box",
    changes: BOX_CHANGES,
    id,
    from,
    to,
    at,
    set: {
      ...(to === "ready" ? { ready_at: trx.raw("coalesce(ready_at, ?)", [at]) } : {}),
      ...(to === "gone" ? { gone_at: at } : {}),
    },
  });
}

/** See `Boxes.note`. */
export async function noteBox(trx: Knex, at: number, id: BoxId, set: BoxNote): Promise<void> {
  const columns = {
    ...(set.ref === undefined ? {} : { ref: set.ref }),
    ...(set.type === undefined ? {} : { type: set.type }),
    ...(set.epoch === undefined ? {} : { epoch: set.epoch }),
    ...(set.unfit === undefined ? {} : { unfit: set.unfit }),
    ...(set.address === undefined ? {} : { address: toJson(set.address) }),
    ...(set.hydrated === undefined ? {} : { hydrated: toJson(set.hydrated) }),
    ...(set.price === undefined ? {} : { price: toJson(set.price) }),
  };
  if (Object.keys(columns).length === 0) return;
  const changed = await trx("box").where({ id }).update(columns);
  if (changed === 0) return;
  await appendEvent(trx, at, { subject: "box", subjectId: id, type: "noted", data: set });
}

/** The box of a lease as it is in this transaction. */
export async function boxOf(trx: Knex, leaseId: LeaseId): Promise<BoxRow | null> {
  return (await trx<BoxRow>("box").where({ lease_id: leaseId }).first()) ?? null;
}
