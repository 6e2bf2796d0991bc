/** `_apis/artifactcache`, which older clients speak (actions/toolkit packages/cache/src/internal/cacheHttpClient.ts). */

import type { IncomingMessage } from "node:http";

import { mayRestore, maySave } from "../cache-mode.ts";
import type { Answer } from "./answer.ts";
import { json } from "./answer.ts";
import type { CacheDoorDeps } from "./cache-v2.ts";
import { KEYS_MAX, KEY_MAX_LENGTH, cacheName, restoreDenied, saveDenied, uploadName } from "./cache-v2.ts";
import type { OpenUpload } from "./open-uploads.ts";
import { bodyBytes, readFields, sizeField } from "./request-body.ts";
import type { CacheName } from "./store.ts";

export const CACHE_V1_PREFIX = "/_apis/artifactcache/";

/** A post step of cache 2.1.8 ends only when its connections do. */
const CLOSE = { connection: "close" } as const;
const CONTENT_RANGE = /^bytes ([0-9]{1,15})-([0-9]{1,15})\/(?:\*|[0-9]{1,15})$/;
const UPLOAD_PATH = /^caches\/([0-9]{1,9})$/;

/** Answers a request below the prefix; its token was checked before. */
export async function answerCacheV1(
  deps: CacheDoorDeps,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> {
  const path = url.pathname.slice(CACHE_V1_PREFIX.length);
  const number = UPLOAD_PATH.exec(path)?.[1];
  if (request.method === "GET" && path === "cache") return find(deps, url);
  // Old clients ask for this to say in a debug line what there is beside; there is nothing they need.
  if (request.method === "GET" && path === "caches")
    return json(200, { totalCount: 0, artifactCaches: [] }, CLOSE);
  if (request.method === "POST" && path === "caches") return reserve(deps, request);
  const open = number === undefined ? undefined : deps.uploads.byNumber(Number(number));
  if (open?.note.kind !== "cache") return refuse(404, "no such upload");
  if (request.method === "PATCH") return takeChunk(open, request);
  return request.method === "POST"
    ? commit(deps, open, open.note.cache, request)
    : refuse(404, "no such method");
}

async function find({ store, signer, caches, mode }: CacheDoorDeps, url: URL): Promise<Answer> {
  if (!mayRestore(mode)) return refuse(403, restoreDenied(mode));
  const keys = (url.searchParams.get("keys") ?? "").split(",").filter((key) => key !== "");
  const version = url.searchParams.get("version") ?? "";
  if (keys.length === 0 || keys.length > KEYS_MAX || keys.some((key) => key.length > KEY_MAX_LENGTH))
    return refuse(400, `expected 1 to ${KEYS_MAX} keys of up to ${KEY_MAX_LENGTH} characters`);
  const entry = await store.findCache({ scopes: caches.read, keys, version });
  if (entry === undefined) return { status: 204, headers: CLOSE };
  const archiveLocation = signer.url({ of: "body", id: entry.body });
  return json(200, { result: "hit", cacheKey: entry.key, cacheVersion: version, archiveLocation }, CLOSE);
}

async function reserve(deps: CacheDoorDeps, request: IncomingMessage): Promise<Answer> {
  if (!maySave(deps.mode)) return refuse(403, saveDenied(deps.mode));
  const fields = await readFields(request);
  const name = fields === undefined ? undefined : cacheName(deps, fields);
  if (name === undefined) return refuse(400, "key or version is missing or too long");
  if (await deps.store.hasCache(name)) return refuse(409, "a cache with this key and version exists");
  const open = await deps.uploads.begin(uploadName(name), { kind: "cache", cache: name });
  if (open === "taken") return refuse(409, "this key is being saved at this moment");
  if (open === "full") return refuse(400, "too many uploads are open");
  return json(201, { cacheId: open.number }, CLOSE);
}

async function takeChunk(open: OpenUpload, request: IncomingMessage): Promise<Answer> {
  const [, first, last] = CONTENT_RANGE.exec(request.headers["content-range"] ?? "") ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || last === undefined || to < from) return refuse(400, "no such Content-Range");
  // Until it is there anew it counts as missing.
  open.chunks.delete(from);
  const put = await open.upload.put(chunkName(from), bodyBytes(request));
  if (!put.ok) return refuse(put.why === "too_large" ? 413 : 400, `the chunk is refused: ${put.why}`);
  if (put.sizeBytes !== to - from + 1) return refuse(400, "the chunk is not as long as its Content-Range");
  open.chunks.set(from, put.sizeBytes);
  return { status: 204, headers: CLOSE };
}

async function commit(
  deps: CacheDoorDeps,
  open: OpenUpload,
  name: CacheName,
  request: IncomingMessage,
): Promise<Answer> {
  const fields = await readFields(request);
  const sizeBytes = fields === undefined ? undefined : sizeField(fields, "size");
  if (sizeBytes === undefined) return refuse(400, "size is missing or wrong");
  const chunks = [...open.chunks].sort(([a], [b]) => a - b);
  let nextAt = 0;
  for (const [from, length] of chunks) nextAt = from === nextAt ? from + length : Number.NaN;
  if (nextAt !== sizeBytes) return refuse(400, "the chunks do not make one piece of that size");
  const sealed = await open.upload.seal(chunks.map(([from]) => chunkName(from)));
  if (!sealed.ok) return refuse(400, `the upload cannot be kept: ${sealed.why}`);
  const published = await deps.store.publishCache(open.upload, name, sizeBytes);
  await deps.uploads.end(open);
  if (published.ok) return { status: 204, headers: CLOSE };
  return refuse(published.why === "exists" ? 409 : 400, `the upload cannot be kept: ${published.why}`);
}

function chunkName(from: number): string {
  return String(from);
}

function refuse(status: number, message: string): Answer {
  return json(status, { message }, CLOSE);
}
