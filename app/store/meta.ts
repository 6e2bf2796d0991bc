import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import type { Ids } from "../ids.ts";

/** 8 bytes: enough that two stores on one cloud account never share a label. */
const OWNER_BYTES = 8;

/**
 * Takes the next fence and reads the store's owner (made on the first opening), in one transaction of its own. To be called before
 * the write queue exists.
 */
export async function enter(
  writer: Knex,
  ids: Pick<Ids, "token">,
): Promise<{ readonly fence: number; readonly owner: string }> {
  // Hex, because labels of some clouds may not begin or end with base64url's - and _.
  const fresh = Buffer.from(ids.token(OWNER_BYTES), "base64url").toString("hex");
  await writer.raw("BEGIN IMMEDIATE");
  try {
    await writer("meta").insert({ key: "owner", value: fresh }).onConflict("key").ignore();
    const fence = (await readFence(writer)) + 1;
    await put(writer, "fence", String(fence));
    const owner = await read(writer, "owner");
    await writer.raw("COMMIT");
    return { fence, owner: owner ?? fresh };
  } catch (thrown) {
    await writer.raw("ROLLBACK");
    throw thrown;
  }
}

/** Fails with `claim_lost` when a later process has opened the store: this one must not write any more. */
export async function checkFence(knex: Knex, fence: number): Promise<void> {
  const newest = await readFence(knex);
  if (newest === fence) return;
  throw new AppError(
    "claim_lost",
    `Another App has taken over this store (fence ${newest}, ours is ${fence}).`,
    "This process must end; the other one goes on with its work.",
  );
}

/** A write that changes nothing of meaning: proves that writing works. */
export async function touch(trx: Knex, at: number): Promise<void> {
  await put(trx, "healthy_at", String(at));
}

async function readFence(knex: Knex): Promise<number> {
  return Number((await read(knex, "fence")) ?? 0);
}

async function read(knex: Knex, key: string): Promise<string | null> {
  const row = await knex<{ key: string; value: string }>("meta").where({ key }).first("value");
  return row?.value ?? null;
}

async function put(knex: Knex, key: string, value: string): Promise<void> {
  await knex("meta").insert({ key, value }).onConflict("key").merge();
}
