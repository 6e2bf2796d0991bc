import type { Knex } from "knex";

/** Who is logged in on the pages. A session holds no token of GitHub's: permissions are asked as the App. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable("session", (t) => {
    t.text("token_hash").primary();
    t.bigInteger("user_id").notNullable().comment("GitHub's numeric id of the person");
    t.text("login").notNullable();
    t.bigInteger("created_at").notNullable();
    t.bigInteger("expires_at").notNullable();
    t.index(["expires_at"]);
  });
}
