import type { Knex } from "knex";

/** Who approved which commit of a fork or of Dependabot, and what a run needs to be held until then. Same rules as 001. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema
    .createTable("approval", (t) => {
      t.increments("id");
      t.text("source_key").notNullable().unique().comment("the same cause never approves twice");
      t.bigInteger("repository_id").notNullable().references("repository.id");
      t.integer("pull_request").notNullable();
      t.text("sha").notNullable().comment("the whole commit id that was approved");
      t.bigInteger("head_repository_id").notNullable().comment("where the commit came from then");
      t.text("base_ref").notNullable().comment("where it was to go then");
      t.boolean("private").notNullable().comment("whether the repository was private then");
      t.text("actor").notNullable();
      t.bigInteger("actor_id").notNullable();
      t.bigInteger("at").notNullable();
      t.index(["repository_id", "pull_request", "sha"]);
    })
    .alterTable("run", (t) => {
      t.bigInteger("head_repository_id").comment("where its commit comes from; null for runs of before 003");
      t.bigInteger("queued_at").comment(
        "when an approval let it into the queue; null when it never waited for one",
      );
    });
}
