import type { Readable, Writable } from "node:stream";
import type { OfferedCaches } from "../../runner-bootstrap/boxd/cache-wire.ts";
import type { Clock } from "../clock.ts";
import type { CacheContent, CacheEntries, CacheName } from "../store/cache-entries.ts";
import type { Repository } from "../store/rows.ts";
import { isSha256, type CacheFiles } from "./files.ts";
import { cachePlaces, type CachingRun } from "./places.ts";

export type CacheLimits = {
  readonly entryMaxBytes: number;
  readonly repositoryMaxBytes: number;
  readonly maxBytes: number;
  /** What nothing has used for so long goes. */
  readonly keep: number;
};

export type CachesDeps = {
  readonly entries: CacheEntries;
  readonly files: CacheFiles;
  readonly limits: CacheLimits;
  readonly clock: Pick<Clock, "now">;
};

export type Kept = "kept" | "exists" | "refused" | "no_space" | "absent";

/** What hydrations cache: entries by place, key and version, their contents by hash. Failures are the store's and the disk's. */
export type Caches = {
  /** What a run's steps may restore; part of its task. */
  offer(run: CachingRun, repository: Pick<Repository, "id" | "defaultBranch">): Promise<OfferedCaches>;
  /** Files an entry, whose content `fetch` writes (false: it is not there any more); then what is too much goes. */
  keep(name: CacheName, content: CacheContent, fetch: (target: Writable) => Promise<boolean>): Promise<Kept>;
  /** A content that one of the repository's runs restores; null when it is gone. */
  open(repositoryId: number, content: CacheContent): Promise<Readable | null>;
  /** Removes what was not used for long, and files that no entry has. Answers how many went. */
  sweep(): Promise<number>;
};

/** Offered of one place: some 200 bytes each in a task, which is kept with its attempt. */
const OFFERED_MAX = 200;
/** Far more than a repository's workflows make in a week. */
const ENTRIES_MAX = 2_000;
/** As the services bound them (steps/services/cache-v2.ts). */
const TEXT_MAX = 512;

export function createCaches(deps: CachesDeps): Caches {
  const { entries, files, limits, clock } = deps;
  let last: Promise<unknown> = Promise.resolve();
  /** A file must not be removed between getting its name and its entry. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const removeFiles = async (hashes: readonly string[]): Promise<number> => {
    let removed = 0;
    for (const sha256 of new Set(hashes)) {
      if (await entries.holds(sha256)) continue;
      await files.remove(sha256);
      removed += 1;
    }
    return removed;
  };

  const isHeld = async (name: CacheName): Promise<boolean> => {
    const held = await entries.hashOf(name);
    if (held === null) return false;
    if ((await files.all()).has(held)) return true;
    // Its file was cleared away: what comes now takes its place.
    await entries.forget(held);
    return false;
  };

  return {
    async offer(run, repository) {
      const { read } = cachePlaces(run, repository);
      const isOff = limits.maxBytes === 0 || limits.repositoryMaxBytes === 0;
      // A backup holds rows and no files: a box would wait for what does not come.
      const there = await files.all();
      const scopes = read.map(async (place) => ({
        ref: place.ref,
        entries: (isOff ? [] : await entries.list(place, OFFERED_MAX))
          .filter(({ sha256 }) => there.has(sha256))
          .map(({ key, version, sha256, sizeBytes, createdAt }) => ({
            key,
            version,
            sha256,
            sizeBytes,
            createdAt,
          })),
      }));
      return { scopes: await Promise.all(scopes), entryMaxBytes: isOff ? 0 : entryMax(limits) };
    },
    async keep(name, content, fetch) {
      const { sha256, sizeBytes } = content;
      if (!isName(name) || !isSha256(sha256) || sizeBytes > entryMax(limits)) return "refused";
      if (await alone(() => isHeld(name))) return "exists";
      const begun = await files.begin(sizeBytes);
      if (begun === null) return "no_space";
      try {
        if (!(await fetch(begun.target))) return "absent";
        return await alone(async () => {
          if (!(await files.end(begun.path, sha256, sizeBytes))) return "refused";
          const added = await entries.add(name, content);
          const { repositoryMaxBytes, maxBytes } = limits;
          const bounds = { repositoryMaxBytes, maxBytes, maxEntries: ENTRIES_MAX };
          await removeFiles([sha256, ...(await entries.evict(name.place.repositoryId, bounds))]);
          return added ? "kept" : "exists";
        });
      } finally {
        begun.target.destroy();
        await files.drop(begun.path);
      }
    },
    async open(repositoryId, { sha256, sizeBytes }) {
      if (!(await entries.holds(sha256))) return null;
      await entries.used(repositoryId, sha256);
      const content = await files.open(sha256, sizeBytes);
      if (content !== null) return content;
      return alone(async () => {
        // One of the same content may have come meanwhile.
        const later = await files.open(sha256, sizeBytes);
        if (later === null) await entries.forget(sha256);
        return later;
      });
    },
    sweep: () =>
      alone(async () => {
        const now = clock.now();
        await entries.removeUnused(now - limits.keep);
        // Also what a process left that died between a row and its file.
        return removeFiles(await files.old(now));
      }),
  };
}

function entryMax({ entryMaxBytes, repositoryMaxBytes, maxBytes }: CacheLimits): number {
  return Math.min(entryMaxBytes, repositoryMaxBytes, maxBytes);
}

function isName({ key, version }: CacheName): boolean {
  return key !== "" && key.length <= TEXT_MAX && version.length <= TEXT_MAX;
}
