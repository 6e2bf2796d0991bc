import { createHash } from "node:crypto";
import type { Db } from "./db.ts";

/** A person who is logged in. */
export type Session = {
  readonly userId: number;
  readonly login: string;
  /** Epoch ms. */
  readonly expiresAt: number;
};

export type Sessions = {
  /** Keeps only the token's SHA-256. */
  put(token: string, session: Session): Promise<void>;
  /** The session, when the token is known and not expired. */
  get(token: string, now: number): Promise<Session | null>;
  /** Ends one session. Safe to repeat. */
  end(token: string): Promise<void>;
};

type Row = {
  readonly token_hash: string;
  readonly user_id: number;
  readonly login: string;
  readonly expires_at: number;
};

/** The table of log-ins: hashes of tokens. Failures are `store_failed` and its kin. */
export function createSessions(db: Db): Sessions {
  return {
    async put(token, { userId, login, expiresAt }) {
      await db.write(async (trx) => {
        // Those that are over go with the next log-in: no sweep of their own.
        await trx("session").where("expires_at", "<=", db.now()).delete();
        await trx("session").insert({
          token_hash: hash(token),
          user_id: userId,
          login,
          created_at: db.now(),
          expires_at: expiresAt,
        });
      });
    },
    async get(token, now) {
      const row = await db.read((knex) =>
        knex<Row>("session")
          .where({ token_hash: hash(token) })
          .andWhere("expires_at", ">", now)
          .first(),
      );
      return row === undefined ? null : { userId: row.user_id, login: row.login, expiresAt: row.expires_at };
    },
    async end(token) {
      await db.write((trx) =>
        trx("session")
          .where({ token_hash: hash(token) })
          .delete(),
      );
    },
  };
}

/** Looked up by its hash, so neither the database nor the time of the look-up tells a token. */
function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
