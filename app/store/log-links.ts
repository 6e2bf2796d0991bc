import { createHash } from "node:crypto";
import type { RunId } from "../ids.ts";
import type { Db } from "./db.ts";

export type LogLinks = {
  /** Keeps only the token's SHA-256; the same token again moves its expiry. */
  put(token: string, runId: RunId, expiresAt: number): Promise<void>;
  /** The run, when the token is known and not expired. */
  resolve(token: string, now: number): Promise<RunId | null>;
};

/** The table of log links: hashes of tokens with their expiry. Failures are `store_failed` and its kin. */
export function createLogLinks(db: Db): LogLinks {
  return {
    async put(token, runId, expiresAt) {
      await db.write(async (trx) => {
        await trx("log_link")
          .insert({ token_hash: hash(token), run_id: runId, expires_at: expiresAt })
          .onConflict("token_hash")
          .merge();
      });
    },
    async resolve(token, now) {
      const row = await db.read((knex) =>
        knex<{ token_hash: string; run_id: RunId; expires_at: number }>("log_link")
          .where({ token_hash: hash(token) })
          .andWhere("expires_at", ">", now)
          .first(),
      );
      return row?.run_id ?? null;
    },
  };
}

/** Looked up by its hash, so neither the database nor the time of the look-up tells a token. */
function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
