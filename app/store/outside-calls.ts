import type { Db } from "./db.ts";
import { fromJsonOrNull, toJson } from "./json-column.ts";

/** What is known of one outside call. `sent`: hash of what was last sent. */
export type OutsideCall = {
  readonly state: "intended" | "done";
  readonly result: unknown;
  readonly sent: string | null;
};

/** Law 2: the row exists before the call; after a crash an `intended` one is looked up outside before it is repeated. */
export type OutsideCalls = {
  /** Inserts `intended`, or answers the row that is there. `fresh`: this call inserted it. */
  intend(key: string): Promise<OutsideCall & { readonly fresh: boolean }>;
  /** Records what the outside answered; again with another `sent` after each later change. */
  done(key: string, result: unknown, sent: string): Promise<void>;
  get(key: string): Promise<OutsideCall | null>;
};

type OutsideRow = {
  readonly key: string;
  readonly state: OutsideCall["state"];
  readonly result: string | null;
  readonly sent: string | null;
  readonly intended_at: number;
  readonly done_at: number | null;
};

/** The table of outside calls. Failures are `store_failed` and its kin. */
export function createOutsideCalls(db: Db): OutsideCalls {
  const get = async (key: string): Promise<OutsideCall | null> => {
    const row = await db.read((knex) => knex<OutsideRow>("outside_call").where({ key }).first());
    return row === undefined ? null : toCall(row);
  };
  return {
    get,
    async intend(key) {
      const known = await get(key);
      if (known !== null) return { ...known, fresh: false };
      return db.write(async (trx) => {
        const inserted = await trx("outside_call")
          .insert({ key, state: "intended", intended_at: db.now() })
          .onConflict("key")
          .ignore()
          .returning("key");
        if (inserted.length > 0) return { state: "intended", result: null, sent: null, fresh: true };
        const row = await trx<OutsideRow>("outside_call").where({ key }).first();
        if (row === undefined) return { state: "intended", result: null, sent: null, fresh: true };
        return { ...toCall(row), fresh: false };
      });
    },
    async done(key, result, sent) {
      await db.write(async (trx) => {
        const at = db.now();
        await trx("outside_call")
          .insert({ key, state: "done", result: toJson(result), sent, intended_at: at, done_at: at })
          .onConflict("key")
          .merge(["state", "result", "sent", "done_at"]);
      });
    },
  };
}

function toCall(row: OutsideRow): OutsideCall {
  return {
    state: row.state,
    result: fromJsonOrNull(`outside_call ${row.key}`, "result", row.result),
    sent: row.sent,
  };
}
