import type { Knex } from "knex";

/**
 * What every table's module works with. `read` sees what is committed. `write` runs `work` inside the store's current write
 * transaction and answers only after its COMMIT; `work` must use the handle it is given and nothing else, and may run beside
 * others' work in one transaction, each undone alone when it throws. Driver errors come out as AppErrors.
 */
export type Db = {
  read<T>(work: (db: Knex) => Promise<T>): Promise<T>;
  write<T>(work: (db: Knex) => Promise<T>): Promise<T>;
  /** One statement that is a transaction of its own and looks at the fence itself; answers after its commit. */
  statement<T>(work: (db: Knex) => Promise<T>): Promise<T>;
  /** Epoch ms. */
  now(): number;
  readonly fence: number;
  /** Names this process in claims: host and pid, for people. */
  readonly worker: string;
};
