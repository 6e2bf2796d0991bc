/** Artifacts on the disk: a run's own, for as long as they were made for. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";

import type { Artifact, ArtifactRun, NewArtifact, Published } from "../store.ts";
import type { FoundEntry, Meta, Part } from "./entry.ts";
import { describeEntry, hideEntry, readAll, readEntry, readGroup, showEntry } from "./entry.ts";
import type { CacheDeps } from "./caches.ts";
import { artifactAt, bodyId, randomName, runGroup } from "./places.ts";
import type { FileUpload } from "./upload.ts";

export type ArtifactDeps = CacheDeps & {
  /** Grows with time, as clients take the highest for the latest. */
  readonly nextId: () => number;
};

/** Those that have not expired, oldest first. */
export async function listArtifacts(deps: ArtifactDeps, run: ArtifactRun): Promise<Artifact[]> {
  const entries = await readGroup(deps.places, "artifact", runGroup(run));
  return entries
    .filter((entry) => !isExpired(entry, deps.now()))
    .map(artifactOf)
    .sort((a, b) => a.id - b.id);
}

/** Makes the upload an artifact of the run unless one has its name; what has expired is taken away first. */
export async function publishArtifact(
  deps: ArtifactDeps,
  upload: FileUpload,
  made: NewArtifact,
  sizeBytes: number,
): Promise<Published<Artifact>> {
  const { places, limits, now } = deps;
  const taken = upload.take();
  if (taken === undefined) return { ok: false, why: "not_sealed" };
  try {
    const sha256 = await hashOf(upload.dir, taken.parts);
    if (made.sha256 !== undefined && made.sha256 !== sha256) return { ok: false, why: "hash" };
    // Its hash says more, and a client that had to send a part twice counts it twice.
    if (made.sha256 === undefined && taken.sizeBytes !== sizeBytes) return { ok: false, why: "size" };
    await sweepExpired(deps);
    const others = await readGroup(places, "artifact", runGroup(made.run));
    const runBytes = others.reduce((sum, { meta }) => sum + meta.sizeBytes, 0);
    if (others.length >= limits.artifactRunMaxCount) return { ok: false, why: "too_many" };
    if (runBytes + taken.sizeBytes > limits.artifactRunMaxBytes) return { ok: false, why: "too_large" };
    const at = artifactAt(made.run, made.name);
    const createdAt = now();
    const latest = createdAt + limits.artifactMaxAgeMs;
    const meta: Meta = {
      v: 1,
      unique: randomName(),
      sizeBytes: taken.sizeBytes,
      createdAt,
      name: made.name,
      id: deps.nextId(),
      job: made.job,
      sha256,
      expiresAt: Math.min(made.expiresAt ?? latest, latest),
      ...(made.mimeType === undefined ? {} : { mimeType: made.mimeType }),
    };
    await describeEntry(upload.dir, meta, taken.parts);
    if (!(await showEntry(places, upload.dir, at))) return { ok: false, why: "exists" };
    await makeRoom(deps, at.group);
    return { ok: true, entry: artifactOf({ at, meta, usedAt: createdAt }) };
  } finally {
    await upload.drop();
  }
}

/** Undefined when there was none. */
export async function deleteArtifact(
  { places }: ArtifactDeps,
  run: ArtifactRun,
  name: string,
): Promise<Artifact | undefined> {
  const entry = readEntry(places, artifactAt(run, name));
  if (entry === undefined || !(await hideEntry(places, entry.at))) return undefined;
  return artifactOf(entry);
}

/** Takes away what has expired. Safe to repeat. */
export async function sweepExpired({ places, now }: ArtifactDeps): Promise<void> {
  for (const entry of await readAll(places, "artifact"))
    if (isExpired(entry, now())) await hideEntry(places, entry.at);
}

/** True once an artifact's time is over; a cache has none. */
export function isExpired({ meta }: Pick<FoundEntry, "meta">, now: number): boolean {
  return meta.expiresAt !== undefined && meta.expiresAt <= now;
}

/** The oldest of other runs go until all fit; a run never loses its own. */
async function makeRoom({ places, limits }: ArtifactDeps, group: string): Promise<void> {
  const entries = await readAll(places, "artifact");
  let totalBytes = entries.reduce((sum, { meta }) => sum + meta.sizeBytes, 0);
  const others = entries.filter(({ at }) => at.group !== group);
  others.sort((a, b) => a.meta.createdAt - b.meta.createdAt);
  for (const { at, meta } of others) {
    if (totalBytes <= limits.artifactTotalBytes) return;
    await hideEntry(places, at);
    totalBytes -= meta.sizeBytes;
  }
}

async function hashOf(dir: string, parts: readonly Part[]): Promise<string> {
  const hash = createHash("sha256");
  for (const [file] of parts)
    for await (const chunk of createReadStream(join(dir, file)) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}

function artifactOf({ at, meta }: FoundEntry): Artifact {
  return {
    id: meta.id ?? 0,
    job: meta.job ?? "",
    name: meta.name,
    createdAt: meta.createdAt,
    expiresAt: meta.expiresAt ?? meta.createdAt,
    sizeBytes: meta.sizeBytes,
    sha256: meta.sha256 ?? "",
    body: bodyId(at, meta.unique),
    ...(meta.mimeType === undefined ? {} : { mimeType: meta.mimeType }),
  };
}
