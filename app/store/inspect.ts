import sqlite3 from "sqlite3";
import { migrationNames } from "./migrate.ts";
import { toStoreError } from "./store-error.ts";

/** What a look at a database told. */
export type StoreInspection = {
  /** SQLite's own first word on what is wrong; null when it found nothing. */
  readonly damage: string | null;
  /** Migrations it has that this version does not know. */
  readonly unknown: readonly string[];
  /** Migrations this version would make at its next start. */
  readonly pending: readonly string[];
};

/**
 * Looks at the database without changing anything, so that an App may be running on it. Fails with `store_failed` when it cannot
 * be opened or is no database.
 */
export async function inspectStore(path: string): Promise<StoreInspection> {
  const database = await open(path);
  try {
    const checked = await all<{ readonly quick_check: string }>(database, "PRAGMA quick_check(1)");
    const first = checked[0]?.quick_check ?? "no answer";
    const damage = first === "ok" ? null : first;
    const tables = await all(
      database,
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'knex_migrations'",
    );
    const rows =
      tables.length === 0
        ? []
        : await all<{ readonly name: string }>(database, "SELECT name FROM knex_migrations ORDER BY id");
    const done = rows.map(({ name }) => name);
    const known = migrationNames();
    return {
      damage,
      unknown: done.filter((name) => !known.includes(name)),
      pending: known.filter((name) => !done.includes(name)),
    };
  } catch (thrown) {
    throw toStoreError(thrown, path);
  } finally {
    await new Promise<void>((resolve) => {
      database.close(() => resolve());
    });
  }
}

function open(path: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const opened: sqlite3.Database = new sqlite3.Database(path, sqlite3.OPEN_READONLY, (error) =>
      error === null ? resolve(opened) : reject(toStoreError(error, path)),
    );
  });
}

function all<Row>(database: sqlite3.Database, sql: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    database.all<Row>(sql, (error, rows) => (error === null ? resolve(rows) : reject(error)));
  });
}
