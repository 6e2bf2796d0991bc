/** Cache entries on the disk: found by scope, key and version; the least recently used go. */

import { chooseCache } from "../choose-cache.ts";
import type { CacheEntry, CacheName, CacheQuery, CacheScope, Published } from "../store.ts";
import type { FoundEntry, Meta } from "./entry.ts";
import { describeEntry, hideEntry, readAll, readEntry, readGroup, showEntry, touchEntry } from "./entry.ts";
import type { FileStoreLimits } from "./limits.ts";
import type { Places } from "./places.ts";
import { bodyId, cacheAt, entryDir, randomName, scopeGroup } from "./places.ts";
import type { FileUpload } from "./upload.ts";

export type CacheDeps = {
  readonly places: Places;
  readonly limits: FileStoreLimits;
  readonly now: () => number;
};

/** True when exactly this entry is there. */
export function hasCache({ places }: CacheDeps, name: CacheName): boolean {
  return readEntry(places, cacheAt(name)) !== undefined;
}

/** What GitHub would choose, scope by scope; marks it as used now. */
export async function findCache(
  { places, now }: CacheDeps,
  query: CacheQuery,
): Promise<CacheEntry | undefined> {
  const [key = ""] = query.keys;
  for (const scope of query.scopes) {
    const exact = readEntry(places, cacheAt({ scope, key, version: query.version }));
    const chosen = exact ?? (await searchScope(places, scope, query.keys, query.version));
    if (chosen === undefined) continue;
    touchEntry(entryDir(places, chosen.at), now());
    return cacheEntry(chosen);
  }
  return undefined;
}

/** Makes the upload the entry of that name unless there is one; then evicts until all fit. */
export async function publishCache(
  deps: CacheDeps,
  upload: FileUpload,
  name: CacheName,
  sizeBytes: number,
): Promise<Published<CacheEntry>> {
  const { places, now } = deps;
  const taken = upload.take();
  if (taken === undefined) return { ok: false, why: "not_sealed" };
  try {
    if (taken.sizeBytes !== sizeBytes) return { ok: false, why: "size" };
    const at = cacheAt(name);
    const createdAt = now();
    const meta: Meta = {
      v: 1,
      unique: randomName(),
      sizeBytes,
      createdAt,
      name: name.key,
      version: name.version,
      isFork: name.scope.domain !== "trusted",
    };
    await describeEntry(upload.dir, meta, taken.parts);
    if (!(await showEntry(places, upload.dir, at))) return { ok: false, why: "exists" };
    await evict(deps);
    return { ok: true, entry: cacheEntry({ at, meta, usedAt: createdAt }) };
  } finally {
    await upload.drop();
  }
}

async function searchScope(
  places: Places,
  scope: CacheScope,
  keys: readonly string[],
  version: string,
): Promise<FoundEntry | undefined> {
  const entries = await readGroup(places, "cache", scopeGroup(scope));
  const candidates = entries
    .filter(({ meta }) => meta.version === version)
    .map((entry) => ({ entry, key: entry.meta.name, createdAt: entry.meta.createdAt }));
  return chooseCache(candidates, keys)?.entry;
}

/**
 * Takes entries away until all fit: those of forks first, so that no fork can empty the caches of others; then the
 * least recently used. Safe beside another process that does the same: both may take one away, never a wrong one.
 */
async function evict({ places, limits }: CacheDeps): Promise<void> {
  const entries = await readAll(places, "cache");
  let totalBytes = entries.reduce((sum, { meta }) => sum + meta.sizeBytes, 0);
  let count = entries.length;
  entries.sort((a, b) => Number(isFork(b)) - Number(isFork(a)) || a.usedAt - b.usedAt);
  for (const { at, meta } of entries) {
    if (totalBytes <= limits.cacheTotalBytes && count <= limits.cacheMaxEntries) return;
    await hideEntry(places, at);
    totalBytes -= meta.sizeBytes;
    count -= 1;
  }
}

function isFork({ meta }: FoundEntry): boolean {
  return meta.isFork === true;
}

function cacheEntry({ at, meta }: FoundEntry): CacheEntry {
  return { key: meta.name, sizeBytes: meta.sizeBytes, body: bodyId(at, meta.unique) };
}
