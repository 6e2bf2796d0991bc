import type { Knex } from "knex";
import type { Db } from "./db.ts";

/** Rows in one transaction. */
const ROWS_AT_ONCE = 500;

/** Deletes the rows that `rows` finds, some at a time, until it finds none; answers the hashes that they let go of. */
export async function letGo(
  db: Db,
  table: string,
  rows: (knex: Knex) => Knex.QueryBuilder,
): Promise<readonly string[]> {
  const gone: string[] = [];
  for (;;) {
    const found = await db.write(async (trx) => {
      const some: { readonly id: number; readonly sha256: string }[] = await rows(trx).limit(ROWS_AT_ONCE);
      await trx(table)
        .whereIn(
          "id",
          some.map(({ id }) => id),
        )
        .delete();
      return some;
    });
    gone.push(...found.map(({ sha256 }) => sha256));
    if (found.length < ROWS_AT_ONCE) return gone;
  }
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
