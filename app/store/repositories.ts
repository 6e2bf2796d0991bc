import type { Db } from "./db.ts";
import type { Repository } from "./rows.ts";

export type Repositories = {
  /** By GitHub's numeric id: a rename or a transfer changes the row. Its account must be stored already. */
  upsert(repository: Repository): Promise<Repository>;
  get(id: number): Promise<Repository | null>;
};

/** The table's columns as SQLite gives them. */
export type RepositoryRow = {
  readonly id: number;
  readonly account_id: number;
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  readonly private: number;
};

/** The table of repositories, by GitHub's numeric id. Failures are `store_failed` and its kin. */
export function createRepositories(db: Db): Repositories {
  const get = async (id: number): Promise<Repository | null> => {
    const row = await db.read((knex) => knex<RepositoryRow>("repository").where({ id }).first());
    return row === undefined ? null : toRepository(row);
  };
  return {
    async upsert(repository) {
      const known = await get(repository.id);
      // Every delivery names its repository: what is known already costs a read only.
      if (known !== null && same(known, repository)) return known;
      await db.write(async (trx) => {
        await trx("repository")
          .insert({
            id: repository.id,
            account_id: repository.accountId,
            owner: repository.owner,
            name: repository.name,
            default_branch: repository.defaultBranch,
            private: repository.private ? 1 : 0,
            updated_at: db.now(),
          })
          .onConflict("id")
          .merge();
      });
      return repository;
    },
    get,
  };
}

function same(a: Repository, b: Repository): boolean {
  return (
    a.accountId === b.accountId &&
    a.owner === b.owner &&
    a.name === b.name &&
    a.defaultBranch === b.defaultBranch &&
    a.private === b.private
  );
}

/** A row as a repository. */
export function toRepository(row: RepositoryRow): Repository {
  return {
    id: row.id,
    accountId: row.account_id,
    owner: row.owner,
    name: row.name,
    defaultBranch: row.default_branch,
    private: row.private === 1,
  };
}
