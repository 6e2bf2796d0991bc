import type { Knex } from "knex";

/** What hydrations cached; the content lies in files named by their hash. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("cache_entry", (t) => {
    t.increments("id");
    t.bigInteger("repository_id").notNullable().references("id").inTable("repository");
    t.text("domain").notNullable().comment("trusted, head, or fork:NUMBER");
    t.text("ref").notNullable();
    t.text("key").notNullable();
    t.text("version").notNullable();
    t.text("sha256").notNullable();
    t.bigInteger("size_bytes").notNullable();
    t.bigInteger("created_at").notNullable();
    t.bigInteger("used_at").notNullable();
    t.unique(["repository_id", "domain", "ref", "key", "version"]);
    t.index(["sha256"]);
    t.index(["used_at"]);
  });
}
