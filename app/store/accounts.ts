import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import type { Account } from "./rows.ts";

export type Accounts = {
  /** A null installation leaves the one that is known; another one than that begins anew, neither suspended nor removed. */
  upsert(account: {
    id: number;
    login: string;
    type: string;
    installationId: number | null;
  }): Promise<Account>;
  get(id: number): Promise<Account | null>;
  /**
   * Suspended, unsuspended or removed; `at` null clears. Only while `installationId` is still the account's: false, and nothing
   * changed, when another installation came meanwhile.
   */
  mark(
    id: number,
    installationId: number | null,
    what: "suspended" | "removed",
    at: number | null,
  ): Promise<boolean>;
};

/** The table's columns as SQLite gives them. */
export type AccountRow = {
  readonly id: number;
  readonly login: string;
  readonly type: string;
  readonly installation_id: number | null;
  readonly suspended_at: number | null;
  readonly removed_at: number | null;
};

/** The table of accounts. Failures are `store_failed` and its kin. */
export function createAccounts(db: Db): Accounts {
  const get = async (id: number): Promise<Account | null> => {
    const row = await db.read((knex) => knex<AccountRow>("account").where({ id }).first());
    return row === undefined ? null : toAccount(row);
  };
  return {
    async upsert(account) {
      const known = await get(account.id);
      const installationId = account.installationId ?? known?.installationId ?? null;
      // Every delivery names its account: what is known already costs a read only.
      if (
        known !== null &&
        known.login === account.login &&
        known.type === account.type &&
        known.installationId === installationId
      )
        return known;
      return db.write(async (trx) => {
        const row = {
          id: account.id,
          login: account.login,
          type: account.type,
          installation_id: installationId,
          created_at: db.now(),
        };
        const anew = known !== null && known.installationId !== installationId;
        const marks = anew ? { suspended_at: null, removed_at: null } : {};
        const [stored] = await trx("account")
          .insert({ ...row, ...marks })
          .onConflict("id")
          .merge(["login", "type", "installation_id", ...Object.keys(marks)])
          .returning<AccountRow[]>("*");
        if (anew)
          await appendEvent(trx, db.now(), {
            subject: "account",
            subjectId: String(account.id),
            type: "reinstalled",
            data: { installationId },
          });
        return toAccount(stored ?? { ...row, suspended_at: null, removed_at: null });
      });
    },
    get,
    async mark(id, installationId, what, at) {
      return db.write(async (trx) => {
        const column = what === "suspended" ? "suspended_at" : "removed_at";
        const changed = await trx("account")
          .where({ id, installation_id: installationId })
          .update({ [column]: at });
        if (changed === 0) return false;
        const type = at === null ? `not_${what}` : what;
        await appendEvent(trx, db.now(), { subject: "account", subjectId: String(id), type, data: { at } });
        return true;
      });
    },
  };
}

/** A row as an account. */
export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    login: row.login,
    type: row.type,
    installationId: row.installation_id,
    suspendedAt: row.suspended_at,
    removedAt: row.removed_at,
  };
}
