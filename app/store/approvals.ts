import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { RUN_CHANGES, type RunState } from "../runs/run.ts";
import { coveredBy, toApproval, type Approval, type ApprovalRow, type Covered } from "./approvals-row.ts";
import { changeState } from "./change-state.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import type { Run } from "./rows.ts";
import { toRun, type RunRow } from "./runs-row.ts";

/** `sourceKey`: unique for the cause (delivery GUID and position). */
export type NewApproval = Omit<Approval, "id" | "at"> & { readonly sourceKey: string };

export type Approvals = {
  /**
   * Keeps a writer's approval and lets the held runs it covers into the queue, all in one transaction with its events. The same
   * source key again answers the approval made first, and lets go what it covers all the same.
   */
  grant(approval: NewApproval): Promise<{ readonly approval: Approval; readonly released: readonly Run[] }>;
  /** Approvals of exactly this run's commit, source and target; newest first. */
  covering(run: Covered, limit: number): Promise<readonly Approval[]>;
};

/** The table of approvals (law 11). Failures are `store_failed` and its kin. */
export function createApprovals(db: Db): Approvals {
  return {
    grant: (approval) =>
      db.write(async (trx) => {
        const granted = await put(trx, db.now(), approval);
        return { approval: granted, released: await releaseHeld(trx, db.now(), granted) };
      }),
    covering: (run, limit) => db.read((knex) => coveredBy(knex, run, limit)),
  };
}

async function put(trx: Knex, at: number, approval: NewApproval): Promise<Approval> {
  const { sourceKey: source_key, repositoryId, pullRequest, sha, actor } = approval;
  const inserted: ApprovalRow[] = await trx("approval")
    .insert({
      source_key,
      repository_id: repositoryId,
      pull_request: pullRequest,
      sha,
      head_repository_id: approval.headRepositoryId,
      base_ref: approval.baseRef,
      private: approval.private ? 1 : 0,
      actor,
      actor_id: approval.actorId,
      at,
    })
    .onConflict("source_key")
    .ignore()
    .returning("*");
  const [fresh] = inserted;
  if (fresh === undefined) {
    const known = await trx<ApprovalRow>("approval").where({ source_key }).first();
    if (known !== undefined) return toApproval(known);
    throw new AppError("store_failed", "An approval was not stored.", "Please report this defect.");
  }
  const { headRepositoryId, baseRef, actorId } = approval;
  await appendEvent(trx, at, {
    subject: "pull_request",
    subjectId: `${repositoryId}#${pullRequest}`,
    type: "approved",
    data: { approval: fresh.id, sha, headRepositoryId, baseRef, actor, actorId },
  });
  return toApproval(fresh);
}

async function releaseHeld(trx: Knex, at: number, approval: Approval): Promise<readonly Run[]> {
  const held: RunRow[] = await trx("run")
    .where({
      state: "held",
      repository_id: approval.repositoryId,
      pull_request: approval.pullRequest,
      head_sha: approval.sha,
      head_repository_id: approval.headRepositoryId,
      base_ref: approval.baseRef,
    })
    .whereNull("cancel")
    .orderBy("seq")
    .select();
  const released: Run[] = [];
  for (const { id } of held) {
    const row = await changeState<RunRow, RunState>(trx, {
      table: "run",
      changes: RUN_CHANGES,
      id,
      from: "held",
      to: "queued",
      at,
      set: { queued_at: at },
      data: { approval: approval.id, by: approval.actor },
    });
    if (row !== null) released.push(toRun(row));
  }
  return released;
}
