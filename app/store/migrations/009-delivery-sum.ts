import type { Knex } from "knex";

/** Of a delivery that nobody does anything with the checksum of its body is kept, not the body. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable("delivery", (t) => {
    t.bigInteger("body_crc").comment("CRC-32 of a body that is not kept");
  });
}
