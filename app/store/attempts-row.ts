import { fromJson, fromJsonOrNull } from "./json-column.ts";
import type { Attempt } from "./rows.ts";

/** The table's columns as SQLite gives them. */
export type AttemptRow = {
  readonly id: Attempt["id"];
  readonly run_id: Attempt["runId"];
  readonly n: number;
  readonly lease_id: Attempt["leaseId"];
  readonly state: Attempt["state"];
  readonly task: string | null;
  readonly phases: string;
  readonly exit: string | null;
  readonly executed: number;
  readonly swept: number;
  readonly log_bytes: number;
  readonly cost_micro_usd: number | null;
  readonly created_at: number;
  readonly ended_at: number | null;
};

/** A row as an attempt; throws an AppError for a column that cannot be read. */
export function toAttempt(row: AttemptRow): Attempt {
  const name = `attempt ${row.id}`;
  return {
    id: row.id,
    runId: row.run_id,
    n: row.n,
    leaseId: row.lease_id,
    state: row.state,
    task: fromJsonOrNull(name, "task", row.task) as Attempt["task"],
    phases: fromJson(name, "phases", row.phases) as Attempt["phases"],
    exit: fromJsonOrNull(name, "exit", row.exit) as Attempt["exit"],
    executed: row.executed === 1,
    swept: row.swept === 1,
    logBytes: row.log_bytes,
    costMicroUsd: row.cost_micro_usd,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
