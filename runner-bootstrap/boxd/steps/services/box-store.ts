/** The store of a task on a box: what the App offers to read, blobs that steps save for it, and artifacts for as long as the task runs. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import type { CacheEvent, OfferedCache, OfferedCaches } from "../../cache-wire.ts";
import { isDiskFull } from "../../claim.ts";
import { chooseCache } from "./choose-cache.ts";
import { createFileStore } from "./file-store/file-store.ts";
import { FILE_STORE_LIMITS } from "./file-store/limits.ts";
import type { FileUpload } from "./file-store/upload.ts";
import { openFileUpload } from "./file-store/upload.ts";
import { joinParts } from "./join-parts.ts";
import type { OfferedDeps } from "./offered.ts";
import { createFetcher } from "./offered.ts";
import type { CacheEntry, CacheName, OpenBody, Published, Store, Upload } from "./store.ts";

export type BoxStoreDeps = Omit<OfferedDeps, "want"> & {
  readonly offered: OfferedCaches;
  /** The way from the workspace to HOME: clients keep files outside the workspace by it, and a box of another kind has another one. */
  readonly wayHome: string;
  /** Goes into the journal. */
  readonly tell: (event: CacheEvent) => void;
};

/** Told of one task; the App takes no more either. */
const SAVED_MAX = 100;
const BODY = /^blob\.([0-9a-f]{64})$/;

/**
 * Opens it below `caches`. An entry that is saved lies there as a blob and is told, so that the App can fetch it at leisure; one that is
 * offered is asked for when it is restored, and counts as not there when it does not come.
 */
export async function openBoxStore(deps: BoxStoreDeps): Promise<Store> {
  const { offered, caches, now } = deps;
  const root = join(caches, "store");
  const uploadsDir = join(caches, "uploads");
  const artifacts = await createFileStore({ root, now });
  mkdirSync(uploadsDir, { recursive: true, mode: 0o700 });
  const fetcher = createFetcher({ ...deps, want: (sha256) => deps.tell({ e: "cache", at: "want", sha256 }) });
  const uploads = new WeakMap<Upload, FileUpload>();
  const budget = { usedBytes: 0, maxBytes: FILE_STORE_LIMITS.openUploadsMaxBytes };
  /** The first scope is the run's own: what is saved goes to it. */
  const scopes = offered.scopes.map(({ ref, entries }) => ({ ref, entries: [...entries] }));
  const [own] = scopes;
  const publishing = new Set<Promise<unknown>>();
  let told = 0;

  const has = (name: CacheName): boolean =>
    own?.entries.some(({ key, version }) => key === name.key && version === name.version) ?? false;

  const publish = async (
    upload: FileUpload,
    name: CacheName,
    sizeBytes: number,
  ): Promise<Published<CacheEntry>> => {
    const taken = upload.take();
    try {
      if (taken === undefined || own === undefined) return { ok: false, why: "not_sealed" };
      if (taken.sizeBytes !== sizeBytes) return { ok: false, why: "size" };
      const { path, sha256 } = await joinParts(upload.dir, taken.parts);
      if (has(name)) return { ok: false, why: "exists" };
      renameSync(path, join(caches, sha256));
      const { key, version } = name;
      own.entries.push({ key, version, sha256, sizeBytes, createdAt: now() });
      if ((told += 1) <= SAVED_MAX) deps.tell({ e: "cache", at: "saved", key, version, sha256, sizeBytes });
      return { ok: true, entry: { key, sizeBytes, body: `blob.${sha256}` } };
    } catch (error) {
      if (isDiskFull(error)) return { ok: false, why: "disk_full" };
      throw error;
    } finally {
      await upload.drop();
    }
  };

  return {
    ...artifacts,
    async openUpload(kind) {
      if (kind === "artifact") return artifacts.openUpload(kind);
      const upload = await openFileUpload(uploadsDir, kind, offered.entryMaxBytes, budget);
      uploads.set(upload, upload);
      return upload;
    },
    hasCache: (name) => Promise.resolve(has(placed(name, deps.wayHome))),
    async findCache(query) {
      const { version } = placed(query, deps.wayHome);
      for (const scope of query.scopes) {
        const there = scopes.find(({ ref }) => ref === scope.ref)?.entries ?? [];
        const found = chooseCache<OfferedCache>(
          there.filter((entry) => entry.version === version),
          query.keys,
        );
        if (found === undefined) continue;
        // One that does not come is no reason to wait for the next: the App is away.
        if ((await fetcher.fetch(found)) === undefined) return undefined;
        return { key: found.key, sizeBytes: found.sizeBytes, body: `blob.${found.sha256}` };
      }
      return undefined;
    },
    async publishCache(upload, name, sizeBytes) {
      const ours = uploads.get(upload);
      if (ours === undefined) throw new TypeError("an upload of another store");
      const published = publish(ours, placed(name, deps.wayHome), sizeBytes);
      publishing.add(published);
      return published.finally(() => publishing.delete(published));
    },
    async openBody(id) {
      const sha256 = BODY.exec(id)?.[1];
      return sha256 === undefined ? artifacts.openBody(id) : openBlob(join(caches, sha256));
    },
    async close() {
      // A client that went away meanwhile: what it saved is told all the same.
      await Promise.allSettled(publishing);
      fetcher.dropLate();
      await artifacts.close();
      for (const dir of [root, uploadsDir]) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function placed<T extends { readonly version: string }>(named: T, wayHome: string): T {
  const version = createHash("sha256")
    .update(JSON.stringify([named.version, wayHome]))
    .digest("hex");
  return { ...named, version };
}

function openBlob(path: string): OpenBody | undefined {
  if (!existsSync(path)) return undefined;
  const status = statSync(path);
  return {
    sizeBytes: status.size,
    createdAt: Math.floor(status.mtimeMs),
    read: (start, end) => createReadStream(path, { start, end }),
  };
}
