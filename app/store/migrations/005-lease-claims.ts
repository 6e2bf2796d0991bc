import type { Knex } from "knex";

/** Who works on a lease whose box is being made without a run. Same rules as 001. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("lease", (t) => {
    t.text("claim_owner");
    t.bigInteger("claim_fence");
    t.bigInteger("claimed_until");
  });
}
