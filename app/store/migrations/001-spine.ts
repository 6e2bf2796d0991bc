import type { Knex } from "knex";

/**
 * The spine's tables: who, what was asked, what was said. SQL stays portable between SQLite and PostgreSQL: text ids, epoch milliseconds in bigint columns, money in
 * bigint micro-USD, JSON as text. Nothing here is ever edited: later changes are later migrations.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema
    .createTable("meta", (t) => {
      t.text("key").primary();
      t.text("value").notNullable();
    })
    .createTable("account", (t) => {
      t.bigInteger("id").primary().comment("GitHub's numeric id of the owner");
      t.text("login").notNullable();
      t.text("type").notNullable();
      t.bigInteger("installation_id").unique();
      t.bigInteger("suspended_at");
      t.bigInteger("removed_at");
      t.bigInteger("created_at").notNullable();
    })
    .createTable("repository", (t) => {
      t.bigInteger("id").primary().comment("GitHub's numeric id; names are labels");
      t.bigInteger("account_id").notNullable().references("account.id");
      t.text("owner").notNullable();
      t.text("name").notNullable();
      t.text("default_branch").notNullable();
      t.boolean("private").notNullable();
      t.bigInteger("updated_at").notNullable();
    })
    .createTable("delivery", (t) => {
      t.increments("seq").comment("order of arrival");
      t.text("guid").notNullable().unique();
      t.text("event").notNullable();
      t.text("action");
      t.bigInteger("installation_id");
      t.binary("body").comment("raw bytes; null once retention has let it go");
      t.text("state").notNullable().comment("stored, done, dead");
      t.integer("tries").notNullable().defaultTo(0);
      t.bigInteger("next_at").notNullable();
      t.bigInteger("received_at").notNullable();
      t.bigInteger("done_at");
      t.text("error");
      t.text("claim_owner");
      t.bigInteger("claim_fence");
      t.bigInteger("claimed_until");
      t.index(["state", "seq"]);
    })
    .createTable("run", (t) => {
      t.increments("seq").comment("order of arrival");
      t.text("id").notNullable().unique();
      t.text("source").notNullable();
      t.text("source_key")
        .notNullable()
        .unique()
        .comment("delivery GUID and position: the same cause never makes two runs");
      t.bigInteger("account_id").notNullable().references("account.id");
      t.bigInteger("repository_id").notNullable().references("repository.id");
      t.integer("pull_request");
      t.bigInteger("comment_id");
      t.text("head_sha").notNullable().comment("the check hangs here");
      t.text("checkout_sha").notNullable().comment("the box proves this one");
      t.text("base_sha").notNullable();
      t.text("base_ref").notNullable();
      t.text("head_ref").notNullable();
      t.text("actor").notNullable();
      t.bigInteger("actor_id").notNullable();
      t.text("check_name").notNullable();
      t.text("command_kind").notNullable();
      t.text("command").notNullable();
      t.text("options").notNullable().comment("JSON: RunOptions");
      t.text("retry_of").references("run.id");
      t.text("trust_domain").notNullable();
      t.text("state").notNullable();
      t.text("outcome");
      t.text("detail").comment("JSON: what happened, for the report");
      t.text("cancel").comment("JSON: who asked to end it and as what outcome; null while nobody did");
      t.bigInteger("created_at").notNullable();
      t.bigInteger("started_at");
      t.bigInteger("ended_at");
      t.text("claim_owner");
      t.bigInteger("claim_fence");
      t.bigInteger("claimed_until");
      t.bigInteger("not_before").comment("not claimed again before");
      t.bigInteger("log_removed_at").comment("retention let its log go");
      t.index(["state", "seq"]);
      t.index(["state", "ended_at"]);
      t.index(["account_id", "state"]);
      t.index(["repository_id", "pull_request", "seq"]);
      t.index(["repository_id", "head_sha"]);
    })
    .createTable("event", (t) => {
      t.increments("id");
      t.bigInteger("at").notNullable();
      t.text("subject").notNullable().comment("run, attempt, lease, box, account, delivery");
      t.text("subject_id").notNullable();
      t.text("type").notNullable();
      t.text("data").notNullable().comment("JSON");
      t.index(["subject", "subject_id", "id"]);
    })
    .createTable("outside_call", (t) => {
      t.text("key").primary().comment("check:<run>, sticky:<repository>:<pull request>, ...");
      t.text("state").notNullable().comment("intended, done");
      t.text("result").comment("JSON: what the outside answered (its id)");
      t.text("sent").comment("hash of what was last sent, so that nothing is sent twice");
      t.bigInteger("intended_at").notNullable();
      t.bigInteger("done_at");
    })
    .createTable("answer", (t) => {
      t.increments("id");
      t.text("key").notNullable().unique().comment("delivery GUID and position");
      t.bigInteger("repository_id").notNullable();
      t.integer("pull_request").notNullable();
      t.text("actor").notNullable();
      t.text("body").notNullable().comment("Markdown shown in the sticky comment");
      t.bigInteger("at").notNullable();
      t.index(["repository_id", "pull_request", "id"]);
    })
    .createTable("log_link", (t) => {
      t.text("token_hash").primary();
      t.text("run_id").notNullable().references("run.id");
      t.bigInteger("expires_at").notNullable();
    });
}
