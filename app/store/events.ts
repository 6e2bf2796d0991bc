import type { Knex } from "knex";
import type { Db } from "./db.ts";
import { fromJson } from "./json-column.ts";

/** One fact, appended once. */
export type StoredEvent = {
  readonly id: number;
  readonly at: number;
  readonly subject: string;
  readonly subjectId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type Events = {
  append(event: Omit<StoredEvent, "id" | "at">): Promise<void>;
  /** The newest `limit`, in the order they happened. */
  of(subject: string, subjectId: string, limit: number): Promise<readonly StoredEvent[]>;
};

/** The table's columns as SQLite gives them. */
export type EventRow = Omit<StoredEvent, "subjectId" | "data"> & {
  readonly subject_id: string;
  readonly data: string;
};

/** The table of events. Failures are `store_failed` and its kin. */
export function createEvents(db: Db): Events {
  return {
    async append(event) {
      await db.write((trx) => appendEvent(trx, db.now(), event));
    },
    async of(subject, subjectId, limit) {
      const rows = await db.read((knex) =>
        knex<EventRow>("event")
          .where({ subject, subject_id: subjectId })
          .orderBy("id", "desc")
          .limit(limit)
          .select(),
      );
      return rows.reverse().map((row) => toEvent(row));
    },
  };
}

/** Appends one fact inside the caller's transaction. */
export async function appendEvent(
  trx: Knex,
  at: number,
  event: Omit<StoredEvent, "id" | "at">,
): Promise<void> {
  await trx("event").insert({
    at,
    subject: event.subject,
    subject_id: event.subjectId,
    type: event.type,
    data: JSON.stringify(event.data),
  });
}

/** A row as an event. */
export function toEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    at: row.at,
    subject: row.subject,
    subjectId: row.subject_id,
    type: row.type,
    data: fromJson(`event ${row.id}`, "data", row.data) as StoredEvent["data"],
  };
}
