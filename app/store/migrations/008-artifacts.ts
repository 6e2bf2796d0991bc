import type { Knex } from "knex";

/** What runs left to be downloaded; the content lies in files named by their hash. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("artifact", (t) => {
    t.increments("id");
    t.text("run_id").notNullable().references("id").inTable("run");
    t.text("attempt_id").notNullable();
    t.bigInteger("repository_id").notNullable().references("id").inTable("repository");
    t.text("origin").notNullable().comment("tree or action");
    t.text("name").notNullable();
    t.text("sha256").notNullable();
    t.bigInteger("size_bytes").notNullable();
    t.bigInteger("created_at").notNullable();
    t.bigInteger("expires_at").notNullable();
    t.unique(["run_id", "attempt_id", "origin", "name"]);
    t.index(["repository_id"]);
    t.index(["sha256"]);
    t.index(["expires_at"]);
  });
}
