import { AppError } from "../errors.ts";
import type { RunId } from "../ids.ts";
import { isUntrusted } from "../leases/lease.ts";
import { RUN_CHANGES, type RunState } from "../runs/run.ts";
import { coveredBy } from "./approvals-row.ts";
import { changeState } from "./change-state.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import { toJson } from "./json-column.ts";
import type { CancelRequest, Run } from "./rows.ts";
import { UNCLAIMED } from "./runs-claim.ts";
import { newRunRow, toRun, type RunRow } from "./runs-row.ts";
import type { EndedRun, NewRun, RunSet } from "./runs.ts";

/** States that a request to end can still reach; `reporting` has its outcome already. */
const CANCELLABLE: readonly RunState[] = ["held", "queued", "leasing", "running"];

/** See `Runs.create`. */
export async function createRun(
  db: Db,
  run: NewRun,
  ended?: EndedRun,
): Promise<{ readonly run: Run; readonly created: boolean }> {
  return db.write(async (trx) => {
    const at = db.now();
    // In the transaction that an approval would be in, too: neither can miss the other.
    const isFree = !isUntrusted(run.trustDomain) || (await coveredBy(trx, run, 1)).length > 0;
    const state = ended !== undefined ? "reporting" : isFree ? "queued" : "held";
    const end = ended === undefined ? {} : { outcome: ended.outcome, detail: toJson(ended.detail) };
    const inserted: RunRow[] = await trx("run")
      .insert({ ...newRunRow(run, state, at), ...end })
      .onConflict("source_key")
      .ignore()
      .returning("*");
    const [fresh] = inserted;
    if (fresh !== undefined) {
      const data = { source: run.source, actor: run.actor, sha: run.headSha };
      await appendEvent(trx, at, { subject: "run", subjectId: run.id, type: state, data });
      return { run: toRun(fresh), created: true };
    }
    const known = await trx<RunRow>("run").where({ source_key: run.sourceKey }).first();
    if (known !== undefined) return { run: toRun(known), created: false };
    throw new AppError("store_failed", `Run ${run.id} was not stored.`, "Please report this defect.");
  });
}

/** See `Runs.change`. */
export async function changeRun(
  db: Db,
  id: RunId,
  from: RunState,
  to: RunState,
  set: RunSet,
): Promise<Run | null> {
  return db.write(async (trx) => {
    const at = db.now();
    const row = await changeState<RunRow, RunState>(trx, {
      table: "run",
      changes: RUN_CHANGES,
      id,
      from,
      to,
      at,
      set: {
        ...(set.outcome === undefined ? {} : { outcome: set.outcome }),
        ...(set.detail === undefined ? {} : { detail: toJson(set.detail) }),
        ...(to === "leasing" ? { started_at: trx.raw("coalesce(started_at, ?)", [at]) } : {}),
        ...(to === "queued" ? { started_at: null } : {}),
        ...(to === "done" ? { ...UNCLAIMED, not_before: null, ended_at: at } : {}),
      },
      data: set,
    });
    return row === null ? null : toRun(row);
  });
}

/** See `Runs.cancel`. A pause before the next claim ends, so that the request is heard now. */
export async function cancelRun(db: Db, id: RunId, request: CancelRequest): Promise<Run | null> {
  return db.write(async (trx) => {
    const asked: RunRow[] = await trx("run")
      .where({ id })
      .whereIn("state", CANCELLABLE)
      .whereNull("cancel")
      .update({ cancel: toJson(request), not_before: null })
      .returning("*");
    const [row] = asked;
    if (row !== undefined) {
      await appendEvent(trx, db.now(), {
        subject: "run",
        subjectId: id,
        type: "cancel_asked",
        data: { ...request },
      });
      return toRun(row);
    }
    const known = await trx<RunRow>("run").where({ id }).whereIn("state", CANCELLABLE).first();
    return known === undefined ? null : toRun(known);
  });
}
