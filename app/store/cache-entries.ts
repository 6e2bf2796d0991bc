import type { Knex } from "knex";
import type { Db } from "./db.ts";
import { beyond, letGo } from "./let-go.ts";

/** Where an entry was written: never a word of the box's, always derived from the run. */
export type CachePlace = {
  readonly repositoryId: number;
  /** `trusted`, `head`, or `fork:NUMBER`. */
  readonly domain: string;
  /** Full ref. */
  readonly ref: string;
};

export type CacheName = { readonly place: CachePlace; readonly key: string; readonly version: string };

export type CacheContent = { readonly sha256: string; readonly sizeBytes: number };

export type CacheEntry = CacheContent & {
  readonly key: string;
  readonly version: string;
  readonly createdAt: number;
  readonly usedAt: number;
};

export type CacheBounds = {
  readonly repositoryMaxBytes: number;
  readonly maxBytes: number;
  /** Of one repository. */
  readonly maxEntries: number;
};

/** The table of cache entries. An entry never changes but for when it was used; its content is a file's business. */
export type CacheEntries = {
  /** Of one place, those used last first. */
  list(place: CachePlace, limit: number): Promise<readonly CacheEntry[]>;
  /** The content of the entry with that name; null for none. */
  hashOf(name: CacheName): Promise<string | null>;
  /** False when that name is taken: it then stays as it is. */
  add(name: CacheName, content: CacheContent): Promise<boolean>;
  /** Entries of a repository with this content count as used now. */
  used(repositoryId: number, sha256: string): Promise<void>;
  /** Entries whose content is gone. */
  forget(sha256: string): Promise<void>;
  /** Removes the least recently used until all bounds are kept, those of forks first; answers the contents that rows let go of. */
  evict(repositoryId: number, bounds: CacheBounds): Promise<readonly string[]>;
  /** Removes what was not used since (epoch ms); answers as `evict`. */
  removeUnused(before: number): Promise<readonly string[]>;
  /** Whether any entry has this content. */
  holds(sha256: string): Promise<boolean>;
  usage(): Promise<{ readonly entries: number; readonly sizeBytes: number }>;
};

type Row = {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly created_at: number;
  readonly used_at: number;
};

/** The order in which entries may stay. */
const DEAREST_FIRST = "case when domain = 'trusted' then 0 else 1 end, used_at desc, id desc";

/** Failures are `store_failed` and its kin. */
export function createCacheEntries(db: Db): CacheEntries {
  const take = (rows: (knex: Knex) => Knex.QueryBuilder) => letGo(db, "cache_entry", rows);
  return {
    async list(place, limit) {
      const rows: Row[] = await db.read((knex) =>
        knex("cache_entry")
          .where(columns(place))
          .orderBy("used_at", "desc")
          .orderBy("id", "desc")
          .limit(limit),
      );
      return rows.map(toEntry);
    },
    async hashOf(name) {
      const row = await db.read((knex) => knex<Row>("cache_entry").where(named(name)).first("sha256"));
      return row?.sha256 ?? null;
    },
    async add(name, { sha256, sizeBytes }) {
      return db.write(async (trx) => {
        const taken: unknown = await trx("cache_entry").where(named(name)).first("id");
        if (taken !== undefined) return false;
        const at = db.now();
        await trx("cache_entry").insert({
          ...named(name),
          sha256,
          size_bytes: sizeBytes,
          created_at: at,
          used_at: at,
        });
        return true;
      });
    },
    async used(repositoryId, sha256) {
      await db.write((trx) =>
        trx("cache_entry").where({ repository_id: repositoryId, sha256 }).update({ used_at: db.now() }),
      );
    },
    async forget(sha256) {
      await db.write((trx) => trx("cache_entry").where({ sha256 }).delete());
    },
    async evict(repositoryId, { repositoryMaxBytes, maxBytes, maxEntries }) {
      const gone = await take((knex) =>
        beyond(
          knex,
          knex("cache_entry").where({ repository_id: repositoryId }),
          DEAREST_FIRST,
          repositoryMaxBytes,
          maxEntries,
        ),
      );
      const more = await take((knex) => beyond(knex, knex("cache_entry"), DEAREST_FIRST, maxBytes, null));
      return [...gone, ...more];
    },
    removeUnused: (before) =>
      take((knex) => knex("cache_entry").where("used_at", "<", before).select("id", "sha256")),
    async holds(sha256) {
      const row: unknown = await db.read((knex) => knex("cache_entry").where({ sha256 }).first("id"));
      return row !== undefined;
    },
    async usage() {
      const row = await db.read((knex) =>
        knex("cache_entry")
          .count({ entries: "*" })
          .sum({ bytes: "size_bytes" })
          .first<{ entries: number; bytes: number | null } | undefined>(),
      );
      return { entries: row?.entries ?? 0, sizeBytes: row?.bytes ?? 0 };
    },
  };
}

function columns({ repositoryId, domain, ref }: CachePlace) {
  return { repository_id: repositoryId, domain, ref };
}

function named({ place, key, version }: CacheName) {
  return { ...columns(place), key, version };
}

function toEntry(row: Row): CacheEntry {
  const { key, version, sha256, size_bytes: sizeBytes, created_at: createdAt, used_at: usedAt } = row;
  return { key, version, sha256, sizeBytes, createdAt, usedAt };
}
