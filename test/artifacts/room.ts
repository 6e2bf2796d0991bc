import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createArtifacts, type ArtifactLimits, type ToldArtifact } from "../../app/artifacts/artifacts.ts";
import { createCacheFiles } from "../../app/caches/files.ts";
import type { Run } from "../../app/store/rows.ts";
import { ids, newRun, openFixture } from "../store/fixture.ts";

export const DAY_MS = 86_400_000;

export const contentOf = (text: string) => ({
  sha256: createHash("sha256").update(text).digest("hex"),
  sizeBytes: Buffer.byteLength(text),
});

/** Writes what a box would send. */
export const sends = (text: string) => async (target: Writable) => {
  await pipeline(Readable.from([Buffer.from(text)]), target);
  return true;
};

/** The App's artifacts over a real store and folder. */
export async function artifactRoom(set: Partial<ArtifactLimits> = {}) {
  const fixture = await openFixture();
  const dir = join(fixture.dir, "artifacts");
  const limits = {
    fileMaxBytes: 100,
    runMaxBytes: 100,
    filesMax: 10,
    repositoryMaxBytes: 100,
    maxBytes: 200,
    keep: 14 * DAY_MS,
    ...set,
  };
  const open = (store = fixture.store) =>
    createArtifacts({ rows: store.artifacts, files: createCacheFiles(dir), limits, clock: fixture.clock });
  const artifacts = open();
  const attemptId = ids.attempt();
  const toldOf = (run: Run, name: string, text: string): ToldArtifact => ({
    runId: run.id,
    repositoryId: run.repositoryId,
    attemptId,
    origin: "tree",
    name,
    ...contentOf(text),
  });
  return {
    ...fixture,
    artifacts,
    limits,
    attemptId,
    toldOf,
    /** As the next process of the App has them. */
    reopened: async () => open(await fixture.again()),
    run: async (set: Parameters<typeof newRun>[0] = {}) => (await fixture.store.runs.create(newRun(set))).run,
    /** A millisecond later than the one before. */
    keep(run: Run, name: string, text: string, more: Partial<ToldArtifact> = {}) {
      fixture.clock.advance(1);
      return artifacts.keep({ ...toldOf(run, name, text), ...more }, sends(text));
    },
    names: async (run: Run) => (await artifacts.ofRun(run.id)).map(({ name }) => name),
    files: () => readdirSync(dir).sort(),
  };
}
