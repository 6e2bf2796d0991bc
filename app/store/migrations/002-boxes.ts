import type { Knex } from "knex";

/** Leases, their boxes, the attempts they served and the money they cost. Same rules as 001. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema
    .createTable("lease", (t) => {
      t.text("id").primary();
      t.text("slug").notNullable();
      t.bigInteger("account_id").notNullable().references("account.id");
      t.bigInteger("repository_id").notNullable().references("repository.id");
      t.text("trust_domain").notNullable();
      t.text("holder_kind").notNullable();
      t.text("holder_key").notNullable();
      t.text("purpose").notNullable();
      t.text("provider").notNullable();
      t.text("class").notNullable();
      t.text("state").notNullable();
      t.text("end_reason");
      t.text("busy_attempt").comment("the one attempt it serves now");
      t.bigInteger("created_at").notNullable();
      t.bigInteger("expires_at").notNullable().comment("ttl");
      t.bigInteger("idle_ms").notNullable();
      t.bigInteger("idle_since").comment("null while busy");
      t.bigInteger("ended_at");
      t.index(["state", "trust_domain"]);
      t.index(["account_id", "state"]);
      t.index(["holder_kind", "holder_key"]);
    })
    .createTable("box", (t) => {
      t.text("id").primary();
      t.text("lease_id").notNullable().unique().references("lease.id");
      t.text("provider").notNullable();
      t.text("ref").comment("the provider's handle; null until create answered");
      t.text("type");
      t.text("trust_domain").notNullable();
      t.text("state").notNullable();
      t.text("address").comment("JSON: BoxAddress");
      t.text("price").comment("JSON: Price");
      t.text("hydrated").comment("JSON: fingerprint, at, sha (law 14)");
      t.text("epoch");
      t.text("unfit").comment("why it may not serve again");
      t.bigInteger("created_at").notNullable();
      t.bigInteger("ready_at");
      t.bigInteger("gone_at");
      t.index(["state"]);
    })
    .createTable("attempt", (t) => {
      t.text("id").primary().comment("also the task's id on the box");
      t.text("run_id").notNullable().references("run.id");
      t.integer("n").notNullable();
      t.text("lease_id").notNullable().references("lease.id");
      t.text("state").notNullable();
      t.text("task").comment("JSON: the task without its secrets");
      t.text("phases").notNullable().comment("JSON: PhaseTimes");
      t.text("exit").comment("JSON: TaskExit");
      t.boolean("executed").notNullable().defaultTo(false);
      t.boolean("swept").notNullable().defaultTo(false);
      t.bigInteger("log_bytes").notNullable().defaultTo(0);
      t.bigInteger("cost_micro_usd");
      t.bigInteger("created_at").notNullable();
      t.bigInteger("ended_at");
      t.unique(["run_id", "n"]);
      t.index(["lease_id"]);
    })
    .createTable("ledger", (t) => {
      t.increments("id");
      t.text("kind").notNullable().comment("reserve, release, charge");
      t.text("key").notNullable().unique().comment("the same cause never books twice");
      t.bigInteger("micro_usd").notNullable();
      t.bigInteger("account_id").notNullable();
      t.bigInteger("repository_id");
      t.integer("pull_request");
      t.text("member");
      t.text("provider").notNullable();
      t.text("class").notNullable();
      t.text("type");
      t.text("lease_id").notNullable();
      t.text("attempt_id");
      t.bigInteger("at").notNullable();
      t.index(["account_id", "at"]);
      t.index(["lease_id"]);
    });
}
