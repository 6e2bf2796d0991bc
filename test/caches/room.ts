import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createCaches, type CacheLimits } from "../../app/caches/caches.ts";
import { createCacheFiles } from "../../app/caches/files.ts";
import { cachePlaces, type CachingRun } from "../../app/caches/places.ts";
import { openFixture } from "../store/fixture.ts";

export const DAY_MS = 86_400_000;
export const repositoryOf = (id: number) => ({ id, defaultBranch: "main" });

/** A run of pull request 7 of repository 11, into the default branch, unless told otherwise. */
export function runOf(change: Partial<CachingRun> = {}): CachingRun {
  return { repositoryId: 11, pullRequest: 7, baseRef: "main", trustDomain: "11:trusted", ...change };
}

export const contentOf = (text: string) => ({
  sha256: createHash("sha256").update(text).digest("hex"),
  sizeBytes: Buffer.byteLength(text),
});

/** Writes what a box would send. */
export const sends = (text: string) => async (target: Writable) => {
  await pipeline(Readable.from([Buffer.from(text)]), target);
  return true;
};

/** The App's caches over a real store and folder; runs save into and are offered from them. */
export async function cacheRoom(set: Partial<CacheLimits> = {}) {
  const fixture = await openFixture();
  const dir = join(fixture.dir, "caches");
  const limits = { entryMaxBytes: 100, repositoryMaxBytes: 1_000, maxBytes: 2_000, keep: 7 * DAY_MS, ...set };
  const open = (store = fixture.store) =>
    createCaches({
      entries: store.cacheEntries,
      files: createCacheFiles(dir),
      limits,
      clock: fixture.clock,
    });
  const caches = open();
  return {
    ...fixture,
    caches,
    /** As the next process of the App has them. */
    reopened: async () => open(await fixture.again()),
    /** A millisecond later than the one before. */
    save(run: CachingRun, key: string, text: string, version = "v") {
      fixture.clock.advance(1);
      const { write: place } = cachePlaces(run, repositoryOf(run.repositoryId));
      return caches.keep({ place, key, version }, contentOf(text), sends(text));
    },
    /** Keys that a run is offered, scope by scope. */
    async offered(run: CachingRun) {
      const { scopes } = await caches.offer(run, repositoryOf(run.repositoryId));
      return scopes.map(({ ref, entries }) => [ref, entries.map(({ key }) => key).sort()]);
    },
    files: () => readdirSync(dir).sort(),
  };
}
