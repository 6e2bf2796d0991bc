import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { appendEvent } from "./events.ts";

type StateChange<S extends string> = {
  /** Also the event's subject. */
  readonly table: "run" | "attempt" | "lease" | "box" | "delivery";
  /** The column that `id` is in. */
  readonly key?: "id" | "guid";
  /** The table of legal changes. */
  readonly changes: Readonly<Record<S, readonly S[]>>;
  readonly id: string;
  readonly from: S;
  readonly to: S;
  readonly at: number;
  /** Columns written with it. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What the event says beyond `from`. */
  readonly data?: Readonly<Record<string, unknown>>;
};

/**
 * The one way a state changes: compare-and-set from `from` to `to`, with an event named after the new state, in the caller's
 * transaction. Answers the row as it is now, or null when it was not in `from`. A pair outside the table is a defect of the caller:
 * AppError `illegal_change`, whatever the row's state.
 */
export async function changeState<Row, S extends string = string>(
  trx: Knex,
  change: StateChange<S>,
): Promise<Row | null> {
  const { table, key = "id", id, from, to } = change;
  if (!change.changes[from].includes(to)) {
    throw new AppError(
      "illegal_change",
      `A ${table} cannot go from ${from} to ${to} (${id}).`,
      "This is a defect in the App: please report it with the log around this time.",
    );
  }
  const rows: Row[] = await trx(table)
    .where({ [key]: id, state: from })
    .update({ ...change.set, state: to })
    .returning("*");
  const [row] = rows;
  if (row === undefined) return null;
  await appendEvent(trx, change.at, {
    subject: table,
    subjectId: id,
    type: to,
    data: { from, ...change.data },
  });
  return row;
}
