/** The token of one job: a JWT, because clients read from it which run and job they are. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import type { CacheMode } from "../cache-mode.ts";
import { mayRestore, maySave } from "../cache-mode.ts";
import type { CacheScope } from "./store.ts";

export type JobIdentity = {
  /** Shaped as GitHub's: no colon or space in it, because clients split `scp` by them. */
  readonly runId: string;
  readonly jobId: string;
};

/** Longer than any job; what really ends the token is that its service stops. */
const TOKEN_LIFE_S = 7 * 24 * 60 * 60;
const READ = 1;
const WRITE = 2;

/** Ids for the token and the artifact service; the same texts make the same ids in every process. */
export function jobIdentity(repository: string, run: string, job: string): JobIdentity {
  return { runId: uuidOf(repository, run), jobId: uuidOf(repository, run, job) };
}

/**
 * Makes it. `scp` is where artifact clients look (actions/toolkit packages/artifact/src/internal/shared/util.ts),
 * `ac` is where BuildKit's cache client reads its scopes.
 */
export function makeToken(
  key: Uint8Array,
  identity: JobIdentity,
  caches: { readonly write: CacheScope; readonly read: readonly CacheScope[]; readonly mode: CacheMode },
  nowMs: number,
): string {
  const nowS = Math.floor(nowMs / 1000);
  const read = mayRestore(caches.mode) ? READ : 0;
  const write = maySave(caches.mode) ? WRITE : 0;
  const scopes = caches.read
    .map(({ ref }) => ({ Scope: ref, Permission: read | (ref === caches.write.ref ? write : 0) }))
    .filter(({ Permission }) => Permission !== 0);
  const head = encode({ typ: "JWT", alg: "HS256" });
  const claims = encode({
    iss: "crabbox",
    nbf: nowS - 60,
    iat: nowS,
    exp: nowS + TOKEN_LIFE_S,
    scp: `Actions.Results:${identity.runId}:${identity.jobId}`,
    ac: JSON.stringify(scopes),
  });
  return `${head}.${claims}.${createHmac("sha256", key).update(`${head}.${claims}`).digest("base64url")}`;
}

/** Compares an Authorization header with the one token there is, in constant time. */
export function isBearer(header: string | undefined, token: string): boolean {
  const said = /^bearer +(\S+)$/iu.exec(header ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(said), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function uuidOf(...texts: string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(texts)).digest("hex");
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}
