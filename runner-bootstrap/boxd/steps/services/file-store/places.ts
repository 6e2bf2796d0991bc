/** Names of the store's files. What a client says never becomes part of a path: only its hash does. */

import { createHash, randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { ArtifactRun, CacheName, CacheScope } from "../store.ts";

export type Places = {
  readonly root: string;
  readonly uploads: string;
  readonly trash: string;
  readonly cache: string;
  readonly artifact: string;
};

/** An entry is the directory `<root>/<kind>/<group>/<slot>`: a cache's group is its scope, an artifact's its run. */
export type EntryAt = {
  readonly kind: "cache" | "artifact";
  readonly group: string;
  readonly slot: string;
};

const BODY = /^(cache|artifact)\.([0-9a-f]{64})\.([0-9a-f]{64})\.([0-9a-f]{32})$/;

/** Makes the directories. Safe to repeat and for several processes. */
export async function makePlaces(root: string): Promise<Places> {
  const places: Places = {
    root,
    uploads: join(root, "uploads"),
    trash: join(root, "trash"),
    cache: join(root, "cache"),
    artifact: join(root, "artifact"),
  };
  for (const path of Object.values(places)) await mkdir(path, { recursive: true, mode: 0o700 });
  return places;
}

export function scopeGroup(scope: CacheScope): string {
  return hashOf(scope.repository, scope.domain, scope.ref);
}

export function cacheAt(name: CacheName): EntryAt {
  return { kind: "cache", group: scopeGroup(name.scope), slot: hashOf(name.key, name.version) };
}

export function runGroup(run: ArtifactRun): string {
  return hashOf(run.repository, run.run);
}

export function artifactAt(run: ArtifactRun, name: string): EntryAt {
  return { kind: "artifact", group: runGroup(run), slot: hashOf(name) };
}

export function entryDir(places: Places, at: EntryAt): string {
  return join(places[at.kind], at.group, at.slot);
}

/** Names one content: `unique` is new for each, so that a name used again after an eviction is another body. */
export function bodyId(at: EntryAt, unique: string): string {
  return `${at.kind}.${at.group}.${at.slot}.${unique}`;
}

/** Undefined for what `bodyId` did not make. */
export function parseBodyId(body: string): { readonly at: EntryAt; readonly unique: string } | undefined {
  const [, kind, group, slot, unique] = BODY.exec(body) ?? [];
  if ((kind !== "cache" && kind !== "artifact") || group === undefined) return undefined;
  if (slot === undefined || unique === undefined) return undefined;
  return { at: { kind, group, slot }, unique };
}

/** 128 random bits in hex. */
export function randomName(): string {
  return randomBytes(16).toString("hex");
}

/** JSON keeps the texts apart, whatever is in them. */
function hashOf(...texts: string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex");
}
