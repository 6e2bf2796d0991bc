/** The store of a hydration on a box: what the App offers to read, and a file store for what the job itself makes. */

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import type { CacheEvent, OfferedCaches, OfferedCache } from "../../cache-wire.ts";
import { isDiskFull } from "../../claim.ts";
import { chooseCache } from "./choose-cache.ts";
import { createFileStore } from "./file-store/file-store.ts";
import type { OfferedDeps } from "./offered.ts";
import { createFetcher } from "./offered.ts";
import type { CacheEntry, CacheName, CacheScope, OpenBody, Store } from "./store.ts";

export type BoxStoreDeps = Omit<OfferedDeps, "want"> & {
  readonly offered: OfferedCaches;
  /** The way from the workspace to HOME: clients keep files outside the workspace by it, and a box of another kind has another one. */
  readonly wayHome: string;
  /** Goes into the journal. */
  readonly tell: (event: CacheEvent) => void;
};

/** Told of one hydration; the App takes no more either. */
const SAVED_MAX = 100;
const OFFERED_BODY = /^offered\.([0-9a-f]{64})$/;

/**
 * Opens it below `caches`. An entry that is saved is laid there as a blob and told, so that the App can fetch it at leisure; one that
 * is offered is asked for when it is restored, and counts as not there when it does not come.
 */
export async function openBoxStore(deps: BoxStoreDeps): Promise<Store> {
  const { offered, caches, now, wayHome } = deps;
  const placed = <T extends { readonly version: string }>(named: T): T => ({
    ...named,
    version: createHash("sha256")
      .update(JSON.stringify([named.version, wayHome]))
      .digest("hex"),
  });
  const root = join(caches, "store");
  const { entryMaxBytes: cacheEntryMaxBytes } = offered;
  const own = await createFileStore({ root, now, limits: { cacheEntryMaxBytes } });
  const fetcher = createFetcher({ ...deps, want: (sha256) => deps.tell({ e: "cache", at: "want", sha256 }) });
  const [written] = offered.scopes;
  const laying = new Set<Promise<void>>();

  /** In one scope, for one key: what this job saved is newer than all that is offered. */
  const findIn = async (
    scope: CacheScope,
    key: string,
    version: string,
  ): Promise<CacheEntry | OfferedCache | undefined> => {
    const entries = offered.scopes.find(({ ref }) => ref === scope.ref)?.entries ?? [];
    const there = chooseCache(
      entries.filter((entry) => entry.version === version),
      [key],
    );
    if (there?.key === key) return there;
    return (await own.findCache({ scopes: [scope], keys: [key], version })) ?? there;
  };
  let told = 0;
  const lay = async ({ key, version }: CacheName, entry: CacheEntry): Promise<void> => {
    const body = await own.openBody(entry.body);
    if (body === undefined) return;
    const sha256 = await layBlob(caches, body);
    if (sha256 !== undefined && (told += 1) <= SAVED_MAX)
      deps.tell({ e: "cache", at: "saved", key, version, sha256, sizeBytes: entry.sizeBytes });
  };

  return {
    ...own,
    async hasCache(asked) {
      const name = placed(asked);
      const isOffered = written?.entries.some(
        ({ key, version }) => key === name.key && version === name.version,
      );
      return isOffered === true || own.hasCache(name);
    },
    async findCache(query) {
      const { scopes, keys, version } = placed(query);
      for (const scope of scopes) {
        for (const key of keys) {
          const found = await findIn(scope, key, version);
          if (found === undefined) continue;
          if ("body" in found) return found;
          // One that does not come is no reason to wait for the next: the App is away.
          if ((await fetcher.fetch(found)) === undefined) return undefined;
          return { key: found.key, sizeBytes: found.sizeBytes, body: `offered.${found.sha256}` };
        }
      }
      return undefined;
    },
    async publishCache(upload, asked, sizeBytes) {
      const name = placed(asked);
      const published = await own.publishCache(upload, name, sizeBytes);
      if (published.ok) {
        const laid = lay(name, published.entry);
        laying.add(laid);
        await laid.finally(() => laying.delete(laid));
      }
      return published;
    },
    async openBody(id) {
      const sha256 = OFFERED_BODY.exec(id)?.[1];
      return sha256 === undefined ? own.openBody(id) : openOffered(join(caches, sha256));
    },
    async close() {
      // A client that went away meanwhile: what it saved is told all the same.
      await Promise.allSettled(laying);
      fetcher.dropLate();
      await own.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Undefined when there is no room for a second copy: the job has its own, the App gets none. */
async function layBlob(caches: string, body: OpenBody): Promise<string | undefined> {
  mkdirSync(caches, { recursive: true, mode: 0o700 });
  const temporary = join(caches, `.saved.${process.hrtime.bigint()}`);
  const hash = createHash("sha256");
  try {
    await pipeline(
      body.read(0, body.sizeBytes - 1),
      async function* hashed(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(temporary, { mode: 0o600 }),
    );
    const sha256 = hash.digest("hex");
    renameSync(temporary, join(caches, sha256));
    return sha256;
  } catch (error) {
    if (isDiskFull(error)) return undefined;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function openOffered(path: string): OpenBody | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return {
    sizeBytes: status.size,
    createdAt: Math.floor(status.mtimeMs),
    read: (start, end) => createReadStream(path, { start, end }),
  };
}
