import { rm } from "node:fs/promises";
import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { up as spine } from "./migrations/001-spine.ts";
import { up as boxes } from "./migrations/002-boxes.ts";
import { up as approvals } from "./migrations/003-approvals.ts";
import { up as leaseClaims } from "./migrations/005-lease-claims.ts";
import { up as sessions } from "./migrations/006-sessions.ts";
import { up as cacheEntries } from "./migrations/007-cache-entries.ts";
import { up as artifacts } from "./migrations/008-artifacts.ts";
import { up as deliverySum } from "./migrations/009-delivery-sum.ts";

type Migration = { readonly name: string; readonly up: (knex: Knex) => Promise<void> };

/** Every migration, in order, for ever: never edited, renamed or removed once released. */
const MIGRATIONS: readonly Migration[] = [
  { name: "001-spine", up: spine },
  { name: "002-boxes", up: boxes },
  { name: "003-approvals", up: approvals },
  { name: "005-lease-claims", up: leaseClaims },
  { name: "006-sessions", up: sessions },
  { name: "007-cache-entries", up: cacheEntries },
  { name: "008-artifacts", up: artifacts },
  { name: "009-delivery-sum", up: deliverySum },
];

/** The names of this version's migrations, in order. */
export function migrationNames(): readonly string[] {
  return MIGRATIONS.map(({ name }) => name);
}

/**
 * Brings the database to this version's tables. A database that a newer version has written is refused; one that has data is first
 * copied to `<path>.before-<migration>`. Only one process may call it at a time (the instance lock sees to that). Safe to repeat.
 */
export async function migrate(
  knex: Knex,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const done = await namesDone(knex);
  const unknown = done.filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new AppError(
      "store_failed",
      `The database ${path} was written by a newer version of the App (${unknown.join(", ")}).`,
      `Start that version again, or restore the copy made before the upgrade (${path}.before-...).`,
    );
  }
  const next = migrations.find((migration) => !done.includes(migration.name));
  if (next === undefined) return;
  if (done.length > 0) await copyTo(knex, `${path}.before-${next.name}`);
  const migrationSource: Knex.MigrationSource<Migration> = {
    getMigrations: () => Promise.resolve([...migrations]),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) => Promise.resolve({ up: migration.up, down: forwardOnly }),
  };
  // A process killed while migrating leaves knex's own lock row behind; DDL is transactional, so nothing else of it is left.
  await knex.migrate.forceFreeMigrationsLock({ migrationSource });
  await knex.migrate.latest({ migrationSource });
}

async function namesDone(knex: Knex): Promise<readonly string[]> {
  if (!(await knex.schema.hasTable("knex_migrations"))) return [];
  const rows = await knex("knex_migrations").orderBy("id").select<{ name: string }[]>("name");
  return rows.map((row) => row.name);
}

async function copyTo(knex: Knex, copy: string): Promise<void> {
  // One left by an upgrade that was cut off; the database is still as it was then.
  await rm(copy, { force: true });
  await knex.raw("VACUUM INTO ?", [copy]);
}

function forwardOnly(): Promise<void> {
  return Promise.reject(new Error("Migrations only go forward; the copy made before is the way back."));
}
