import type { Knex } from "knex";
import type { Db } from "./db.ts";

/** Rows in one transaction. */
const ROWS_AT_ONCE = 500;

/**
 * Deletes the rows that `rows` finds, some at a time; answers the hashes that they let go of. Found by reading: ranking many rows takes a
 * second, which the only writer has not.
 */
export async function letGo(
  db: Db,
  table: string,
  rows: (knex: Knex) => Knex.QueryBuilder,
): Promise<readonly string[]> {
  const found: readonly { readonly id: number; readonly sha256: string }[] = await db.read((knex) =>
    rows(knex),
  );
  for (let at = 0; at < found.length; at += ROWS_AT_ONCE) {
    const ids = found.slice(at, at + ROWS_AT_ONCE).map(({ id }) => id);
    await db.write((trx) => trx(table).whereIn("id", ids).delete());
  }
  return found.map(({ sha256 }) => sha256);
}

/** Rows behind those that fit together, in the order in which they may stay (`dearestFirst`, SQL of our own). */
export function beyond(
  knex: Knex,
  all: Knex.QueryBuilder,
  dearestFirst: string,
  maxBytes: number,
  maxRows: number | null,
): Knex.QueryBuilder {
  const ranked = all
    .select(
      "id",
      "sha256",
      knex.raw(`sum(size_bytes) over (order by ${dearestFirst}) as bytes_before_end`),
      knex.raw(`row_number() over (order by ${dearestFirst}) as place`),
    )
    .as("ranked");
  return knex(ranked)
    .where((where) => {
      void where.where("bytes_before_end", ">", maxBytes);
      if (maxRows !== null) void where.orWhere("place", ">", maxRows);
    })
    .orderBy("place", "desc")
    .select("id", "sha256");
}
