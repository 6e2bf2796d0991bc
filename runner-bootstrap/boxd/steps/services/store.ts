/** Where caches and artifacts lie: the services speak GitHub's protocols and keep nothing themselves. */

import type { Readable } from "node:stream";

/** Whose cache it is. A fork's pull request is a domain of its own, whatever its ref is called. */
export type CacheScope = {
  /** `owner/name`. */
  readonly repository: string;
  readonly domain: "trusted" | `fork:${number}`;
  /** As GitHub writes it: `refs/heads/main`, `refs/pull/7/merge`. */
  readonly ref: string;
};

export type CacheName = { readonly scope: CacheScope; readonly key: string; readonly version: string };

export type CacheQuery = {
  /** Read in this order: own ref, base, default branch. */
  readonly scopes: readonly CacheScope[];
  /** The key itself, then the restore keys. */
  readonly keys: readonly string[];
  readonly version: string;
};

/** The jobs of one run see each other's artifacts. */
export type ArtifactRun = { readonly repository: string; readonly run: string };

export type CacheEntry = StoredBody & { readonly key: string };

export type Artifact = StoredBody & {
  /** Unique in the store; fits a JavaScript number. */
  readonly id: number;
  /** The job that made it, as its token says it. */
  readonly job: string;
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Hex. */
  readonly sha256: string;
  /** Given back when it is downloaded; an artifact that is no zip has its own. */
  readonly mimeType?: string;
};

export type NewArtifact = {
  readonly run: ArtifactRun;
  readonly job: string;
  readonly name: string;
  readonly expiresAt?: number;
  /** What the client says it sent; another content is refused. */
  readonly sha256?: string;
  readonly mimeType?: string;
};

/** Content that is whole and never changes. */
export type StoredBody = {
  /** Names this content for `openBody`; never used again for another. */
  readonly body: string;
  readonly sizeBytes: number;
};

/** Bytes on their way in, seen by nobody before they are published. */
export type Upload = {
  /** Takes one part, whole or not at all; the same `part` again replaces it. Any text names a part. */
  put(part: string, bytes: AsyncIterable<Uint8Array>): Promise<Put>;
  /** Says which parts make the content, in order. They must be there. */
  seal(parts: readonly string[]): Promise<Put>;
  /** Forgets all of it. Safe to repeat, and after it was published. */
  drop(): Promise<void>;
};

export type Put =
  | { readonly ok: true; readonly sizeBytes: number }
  | { readonly ok: false; readonly why: "too_large" | "too_many" | "unknown_part" | "gone" | "disk_full" };

export type Published<T> =
  | { readonly ok: true; readonly entry: T }
  | {
      readonly ok: false;
      /** `exists`: entries never change. `size`, `hash`: not what the client says that it sent. */
      readonly why: "exists" | "not_sealed" | "size" | "hash" | "too_many" | "too_large" | "disk_full";
    };

/** All of it safe to call at once, and from two processes on the same files. */
export type Store = {
  openUpload(kind: "cache" | "artifact"): Promise<Upload>;
  /** True when an entry of exactly this scope, key and version is there. */
  hasCache(name: CacheName): Promise<boolean>;
  /** The entry that GitHub would choose; it counts as used now. */
  findCache(query: CacheQuery): Promise<CacheEntry | undefined>;
  /** Makes a sealed upload an entry, at once and whole; then the least recently used entries go until all fit. */
  publishCache(upload: Upload, name: CacheName, sizeBytes: number): Promise<Published<CacheEntry>>;
  publishArtifact(upload: Upload, made: NewArtifact, sizeBytes: number): Promise<Published<Artifact>>;
  /** Those of one run that have not expired, oldest first. */
  listArtifacts(run: ArtifactRun): Promise<readonly Artifact[]>;
  /** Undefined when there was none. */
  deleteArtifact(run: ArtifactRun, name: string): Promise<Artifact | undefined>;
  /** Undefined when it is gone, evicted or expired. */
  openBody(body: string): Promise<OpenBody | undefined>;
  /** Drops uploads that are open. */
  close(): Promise<void>;
};

export type OpenBody = {
  readonly sizeBytes: number;
  readonly createdAt: number;
  /** An artifact's name; left out for a cache. */
  readonly name?: string;
  readonly mimeType?: string;
  /** Both ends inclusive, inside the size. */
  read(from: number, to: number): Readable;
};
