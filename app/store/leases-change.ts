import type { Knex } from "knex";
import type { BoxAddress, Price } from "../../providers/provider.ts";
import type { LeaseId } from "../ids.ts";
import { LEASE_CHANGES, type LeaseEndReason, type LeaseState } from "../leases/lease.ts";
import { changeBox, boxOf } from "./boxes-change.ts";
import { changeState } from "./change-state.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import { toJson } from "./json-column.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import type { Lease } from "./rows.ts";

/** See `Leases.activate`. */
export async function activateLease(
  db: Db,
  id: LeaseId,
  made: { readonly ref: string; readonly type: string; readonly address: BoxAddress; readonly price: Price },
): Promise<Lease | null> {
  return db.write(async (trx) => {
    const at = db.now();
    // One that no run waits for is idle from its first moment.
    const set = { idle_since: trx.raw("case when holder_kind = 'run' then null else ? end", [at]) };
    const row = await changeLease(trx, at, id, "requested", "active", set);
    if (row === null) return null;
    const box = await boxOf(trx, id);
    if (box === null) return toLease(row);
    await trx("box")
      .where({ id: box.id })
      .update({
        ref: made.ref,
        type: made.type,
        address: toJson(made.address),
        price: toJson(made.price),
        ready_at: trx.raw("coalesce(ready_at, ?)", [at]),
      });
    if (box.state === "creating") await changeBox(trx, at, box.id, "creating", "ready");
    if (box.state !== "leased")
      await changeBox(trx, at, box.id, box.state === "creating" ? "ready" : box.state, "leased");
    return toLease(row);
  });
}

/** See `Leases.end`. */
export async function endLease(db: Db, id: LeaseId, reason: LeaseEndReason): Promise<Lease | null> {
  return db.write(async (trx) => {
    const at = db.now();
    const set = { end_reason: reason };
    const row =
      (await changeLease(trx, at, id, "active", "ending", set, { reason })) ??
      (await changeLease(trx, at, id, "requested", "ending", set, { reason }));
    if (row === null) return null;
    const box = await boxOf(trx, id);
    if (box !== null && box.state !== "destroying" && box.state !== "gone")
      await changeBox(trx, at, box.id, box.state, "destroying");
    return toLease(row);
  });
}

/** See `Leases.setHolder`. */
export async function holdLease(db: Db, id: LeaseId, holder: Lease["holder"]): Promise<void> {
  await db.write(async (trx) => {
    const changed = await trx("lease")
      .where({ id })
      .whereRaw("(holder_kind <> ? or holder_key <> ?)", [holder.kind, holder.key])
      .update({ holder_kind: holder.kind, holder_key: holder.key });
    if (changed === 0) return;
    await appendEvent(trx, db.now(), { subject: "lease", subjectId: id, type: "held_by", data: holder });
  });
}

/** One change of a lease's state, in the caller's transaction. */
export async function changeLease(
  trx: Knex,
  at: number,
  id: LeaseId,
  from: LeaseState,
  to: LeaseState,
  set: Readonly<Record<string, unknown>> = {},
  data: Readonly<Record<string, unknown>> = {},
): Promise<LeaseRow | null> {
  return changeState<LeaseRow, LeaseState>(trx, {
    table: "lease",
    changes: LEASE_CHANGES,
    id,
    from,
    to,
    at,
    set,
    data,
  });
}
