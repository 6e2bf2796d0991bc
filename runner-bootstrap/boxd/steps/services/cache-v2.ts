/** github.actions.results.api.v1.CacheService (actions/toolkit packages/cache/src/generated/results/api/v1/cache.ts). */

import type { CacheMode } from "../cache-mode.ts";
import { mayRestore, maySave } from "../cache-mode.ts";
import { json } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { OpenUploads } from "./open-uploads.ts";
import type { Fields } from "./request-body.ts";
import { listField, sizeField, textField } from "./request-body.ts";
import type { Signer } from "./signed-url.ts";
import type { CacheName, CacheScope, Store } from "./store.ts";
import type { TwirpMethod } from "./twirp.ts";
import { twirpError } from "./twirp.ts";

export type CacheDoorDeps = {
  readonly store: Store;
  readonly uploads: OpenUploads;
  readonly signer: Signer;
  readonly caches: { readonly write: CacheScope; readonly read: readonly CacheScope[] };
  readonly mode: CacheMode;
};

/** The client refuses longer keys, and more restore keys, itself. */
export const KEY_MAX_LENGTH = 512;
export const KEYS_MAX = 10;
/** A SHA-256 in hex as a rule; BuildKit's is a text of its own. */
const VERSION_MAX_LENGTH = 512;

/** The three methods, for the scopes of one job. What a client says of a scope is not read at all. */
export function cacheV2Methods(deps: CacheDoorDeps): ReadonlyMap<string, TwirpMethod> {
  const { store, uploads, signer, caches, mode } = deps;

  const create = async (fields: Fields): Promise<Answer> => {
    // No Twirp error: GitHub's is an answer that is not ok, and clients show its message.
    if (!maySave(mode)) return json(200, { ok: false, signed_upload_url: "", message: saveDenied(mode) });
    const name = cacheName(deps, fields);
    if (name === undefined) return twirpError("invalid_argument", "key or version is missing or too long");
    if (await store.hasCache(name))
      return twirpError("already_exists", "a cache with this key and version exists");
    const open = await uploads.begin(uploadName(name), { kind: "cache", cache: name });
    if (open === "taken") return twirpError("already_exists", "this key is being saved at this moment");
    if (open === "full") return twirpError("failed_precondition", "too many uploads are open");
    return json(200, { ok: true, signed_upload_url: signer.url({ of: "upload", id: open.id }), message: "" });
  };

  const finalize = async (fields: Fields): Promise<Answer> => {
    const name = cacheName(deps, fields);
    const sizeBytes = sizeField(fields, "size_bytes");
    if (name === undefined || sizeBytes === undefined)
      return twirpError("invalid_argument", "key, version or size_bytes is missing or wrong");
    const open = uploads.byName("cache", uploadName(name));
    if (open === undefined) return twirpError("not_found", "nothing was uploaded for this key and version");
    const published = await store.publishCache(open.upload, name, sizeBytes);
    await uploads.end(open);
    if (published.ok) return json(200, { ok: true, entry_id: String(open.number), message: "" });
    if (published.why === "exists")
      return twirpError("already_exists", "a cache with this key and version exists");
    return twirpError("failed_precondition", `the upload cannot be kept: ${published.why}`);
  };

  const download = async (fields: Fields): Promise<Answer> => {
    if (!mayRestore(mode)) return twirpError("permission_denied", restoreDenied(mode));
    const name = cacheName(deps, fields);
    const restoreKeys = listField(fields, "restore_keys", KEYS_MAX, KEY_MAX_LENGTH);
    if (name === undefined || restoreKeys === undefined)
      return twirpError("invalid_argument", "key, version or restore_keys is missing or too long");
    const { key, version } = name;
    const keys = [key, ...restoreKeys.filter((one) => one !== "")];
    const entry = await store.findCache({ scopes: caches.read, keys, version });
    if (entry === undefined) return json(200, { ok: false, signed_download_url: "", matched_key: "" });
    const url = signer.url({ of: "body", id: entry.body });
    return json(200, { ok: true, signed_download_url: url, matched_key: entry.key });
  };

  return new Map([
    ["CreateCacheEntry", create],
    ["FinalizeCacheEntryUpload", finalize],
    ["GetCacheEntryDownloadURL", download],
  ]);
}

/** Clients know a refusal by policy by its first words (actions/toolkit #2429), warn, and go on. */
export function saveDenied(mode: CacheMode): string {
  return `cache write denied: the job's cache-mode is ${mode}`;
}

/** As `saveDenied`; clients go on as after a miss (actions/toolkit #2447). */
export function restoreDenied(mode: CacheMode): string {
  return `cache read denied: the job's cache-mode is ${mode}`;
}

/** The name in the one scope that this job writes to; undefined when it is none. */
export function cacheName(deps: CacheDoorDeps, fields: Fields): CacheName | undefined {
  const key = textField(fields, "key", KEY_MAX_LENGTH);
  const version = textField(fields, "version", VERSION_MAX_LENGTH);
  return key === undefined || key === "" || version === undefined
    ? undefined
    : { scope: deps.caches.write, key, version };
}

/** Tells uploads of one job apart. */
export function uploadName({ key, version }: CacheName): string {
  return JSON.stringify([key, version]);
}
