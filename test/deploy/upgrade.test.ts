import { existsSync, globSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Knex } from "knex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectReaders, connectWriter } from "../../app/store/connection.ts";
import { migrate } from "../../app/store/migrate.ts";
import { up as spine } from "../../app/store/migrations/001-spine.ts";
import { up as boxes } from "../../app/store/migrations/002-boxes.ts";
import { checkNamed } from "../flows/looks.ts";
import { openStage, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

/** The schema of the first version. */
const FIRST = [
  { name: "001-spine", up: spine },
  { name: "002-boxes", up: boxes },
];
const COPY = "crabbox.sqlite.before-003-approvals";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("stop, start: a store of the first version with a run at work is brought here, and the run goes on", async () => {
  const { app } = stage;
  const store = join(app.stateDir, "crabbox.sqlite");
  await stage.run("/crabbox run -- echo before the upgrade");
  await stage.comment("/crabbox run -- echo begun; sleep 8; echo ended");
  await until(
    () => journals(app.stateDir).some((journal) => journal.includes("begun\n")),
    "its first output",
  );
  expect(await app.end("SIGTERM")).toEqual({ code: 0, signal: null });
  await asFirstVersionLeftIt(store);
  expect(await tablesOf(store)).not.toContain("approval");

  expect(await app.start()).toBe("ready");
  const { conclusion, output } = await checkNamed(stage, "echo begun", "completed");
  expect(conclusion).toBe("success");
  expect(output.text).toMatch(/begun[\s\S]*ended/u);
  expect(await tablesOf(store)).toContain("approval");
  const checks = await stage.checks();
  expect(checks.filter(({ name }) => name.includes("echo begun"))).toHaveLength(1);
  // What was before: the way back.
  const copy = join(app.stateDir, COPY);
  expect(existsSync(copy)).toBe(true);
  expect(await tablesOf(copy)).not.toContain("approval");
  expect((await statesOf(copy)).at(-1)).toBe("running");
  await until(async () => (await statesOf(store)).every((state) => state === "done"), "both runs to be done");
  expect((await stage.run("/crabbox run -- echo after the upgrade")).conclusion).toBe("success");
});

/** The App's copies of what the boxes wrote. */
const journals = (stateDir: string): readonly string[] =>
  globSync(join(stateDir, "logs", "*", "*.journal")).map((file) => readFileSync(file, "latin1"));

/** Puts the rows of a present store into one of the first version's tables: what that version would know of them. */
async function asFirstVersionLeftIt(path: string): Promise<void> {
  const old = `${path}.old`;
  const knex = connectWriter(old);
  try {
    await migrate(knex, old, FIRST);
    await knex.raw("PRAGMA foreign_keys = OFF");
    await knex.raw("ATTACH ? AS present", [path]);
    const tables = await knex("sqlite_master")
      .where({ type: "table" })
      .andWhereNot("name", "like", "sqlite%")
      .andWhereNot("name", "like", "knex%")
      .pluck<string[]>("name");
    for (const table of tables) {
      const columns = Object.keys(await knex(table).columnInfo()).map((name) => `"${name}"`);
      await knex.raw(`DELETE FROM "${table}"`);
      await knex.raw(
        `INSERT INTO "${table}" (${columns.join()}) SELECT ${columns.join()} FROM present."${table}"`,
      );
    }
    await knex.raw("DETACH present");
  } finally {
    await knex.destroy();
  }
  for (const end of ["", "-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  for (const end of ["-wal", "-shm", ""])
    if (existsSync(`${old}${end}`)) renameSync(`${old}${end}`, `${path}${end}`);
}

async function read<T>(path: string, ask: (knex: Knex) => Promise<T>): Promise<T> {
  const knex = connectReaders(path);
  try {
    return await ask(knex);
  } finally {
    await knex.destroy();
  }
}

const tablesOf = (path: string): Promise<string[]> =>
  read(path, async (knex) => knex("sqlite_master").where({ type: "table" }).pluck<string[]>("name"));

const statesOf = (path: string): Promise<string[]> =>
  read(path, async (knex) => knex("run").orderBy("created_at").pluck<string[]>("state"));
