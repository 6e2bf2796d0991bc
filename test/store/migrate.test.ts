import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectWriter } from "../../app/store/connection.ts";
import { migrate } from "../../app/store/migrate.ts";
import { openStore } from "../../app/store/open-store.ts";
import { createHandClock, sql } from "./fixture.ts";

let dir: string;
let path: string;
const open: Knex[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  path = join(dir, "state", "app.sqlite");
});
afterEach(async () => {
  for (const knex of open.splice(0)) await knex.destroy();
  rmSync(dir, { recursive: true, force: true });
});

function connect(file: string): Knex {
  const knex = connectWriter(file);
  open.push(knex);
  return knex;
}
const one = { name: "001-one", up: (knex: Knex) => knex.schema.createTable("one", (t) => void t.text("a")) };
const two = { name: "002-two", up: (knex: Knex) => knex.schema.createTable("two", (t) => void t.text("b")) };
const bad = {
  name: "002-bad",
  up: async (knex: Knex) => {
    await knex.schema.createTable("half", (t) => void t.text("b"));
    throw new Error("cut off");
  },
};

describe("migrations", () => {
  it("make a private file, and run once", async () => {
    for (const fence of [1, 2, 3]) {
      const store = await openStore({ path, clock: createHandClock() });
      expect(store.fence).toBe(fence);
      await store.close();
      await store.close();
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "state")).mode & 0o777).toBe(0o700);
  });

  it("refuse a database that a newer version has written", async () => {
    await (await openStore({ path, clock: createHandClock() })).close();
    await sql(path, "insert into knex_migrations (name, batch, migration_time) values ('999-future', 9, 0)");
    await expect(openStore({ path, clock: createHandClock() })).rejects.toMatchObject({
      code: "store_failed",
      message: expect.stringContaining("newer version of the App (999-future)"),
    });
  });

  it("copy what is there before they change it", async () => {
    const file = join(dir, "m.sqlite");
    const knex = connect(file);
    await migrate(knex, file, [one]);
    await knex("one").insert({ a: "kept" });
    expect(readdirSync(dir)).not.toContain("m.sqlite.before-002-two");
    await migrate(knex, file, [one, two]);
    await knex("one").update({ a: "changed" });
    const copy = connect(`${file}.before-002-two`);
    expect(await copy("one").select()).toEqual([{ a: "kept" }]);
    expect(await copy.schema.hasTable("two")).toBe(false);
    expect(await knex.schema.hasTable("two")).toBe(true);
  });

  it("leave nothing of one that fails, and go on after a lock that a killed process left", async () => {
    const file = join(dir, "m.sqlite");
    const knex = connect(file);
    await migrate(knex, file, [one]);
    await expect(migrate(knex, file, [one, bad])).rejects.toThrow("cut off");
    expect(await knex.schema.hasTable("half")).toBe(false);
    await knex("knex_migrations_lock").update({ is_locked: 1 });
    await migrate(knex, file, [one, two]);
    expect(await knex.schema.hasTable("two")).toBe(true);
  });
});
