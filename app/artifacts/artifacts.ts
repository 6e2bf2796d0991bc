import type { Readable, Writable } from "node:stream";
import { isOddName } from "../../runner-bootstrap/boxd/artifacts/odd-names.ts";
import { isSha256, type CacheFiles } from "../caches/files.ts";
import type { Clock } from "../clock.ts";
import type { Artifact, ArtifactRows, NewArtifact } from "../store/artifact-rows.ts";

export type ArtifactLimits = {
  readonly fileMaxBytes: number;
  readonly runMaxBytes: number;
  readonly filesMax: number;
  readonly repositoryMaxBytes: number;
  readonly maxBytes: number;
  /** How long one is kept, ms. */
  readonly keep: number;
};

export type ArtifactsDeps = {
  readonly rows: ArtifactRows;
  readonly files: CacheFiles;
  readonly limits: ArtifactLimits;
  readonly clock: Pick<Clock, "now">;
};

/** What a box says it has. `keepMs`: how long its maker wants it kept. */
export type ToldArtifact = Omit<NewArtifact, "expiresAt"> & { readonly keepMs?: number };

export type KeptArtifact = "kept" | "exists" | "refused" | "no_space" | "absent";

/** Files that runs left: rows by run and name, their contents by hash. Failures are the store's and the disk's. */
export type Artifacts = {
  /**
   * Keeps one, whose content `fetch` writes (false: it is not there any more); then what is too much goes. The content is always fetched, also
   * when a file with that hash is there: a box that knows another's hash does not have its content by that. Safe to repeat.
   */
  keep(told: ToldArtifact, fetch: (target: Writable) => Promise<boolean>): Promise<KeptArtifact>;
  /** Those that can be had, by name. */
  ofRun(runId: Artifact["runId"]): Promise<readonly Artifact[]>;
  get(id: number): Promise<Artifact | null>;
  /** Null when its content is gone. */
  open(artifact: Artifact): Promise<Readable | null>;
  /** Removes what has expired, and files that no row has. Answers how many went. */
  sweep(): Promise<number>;
};

/** A setting's most of files, and as many more by steps. */
const SHOWN_MAX = 2_000;

/** One whole file at a time becomes an artifact: first the content under its hash, then the row. What dies between leaves a file that `sweep` removes. */
export function createArtifacts({ rows, files, limits, clock }: ArtifactsDeps): Artifacts {
  let last: Promise<unknown> = Promise.resolve();
  /** A file must not be removed between getting its name and its row. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const removeFiles = async (hashes: readonly string[]): Promise<number> => {
    let removed = 0;
    for (const sha256 of new Set(hashes)) {
      if (await rows.holds(sha256)) continue;
      await files.remove(sha256);
      removed += 1;
    }
    return removed;
  };

  return {
    async keep({ keepMs, ...told }, fetch) {
      const { sha256, sizeBytes, repositoryId } = told;
      if (!isSha256(sha256) || sizeBytes > largest(limits) || told.name === "" || isOddName(told.name))
        return "refused";
      if (await rows.has(told)) return "exists";
      const begun = await files.begin(sizeBytes);
      if (begun === null) return "no_space";
      try {
        if (!(await fetch(begun.target))) return "absent";
        return await alone(async () => {
          if (!(await files.end(begun.path, sha256, sizeBytes))) return "refused";
          const expiresAt = clock.now() + Math.min(keepMs ?? limits.keep, limits.keep);
          const added = await rows.add({ ...told, expiresAt });
          await removeFiles([sha256, ...(await rows.evict(repositoryId, limits))]);
          return added ? "kept" : "exists";
        });
      } finally {
        begun.target.destroy();
        await files.drop(begun.path);
      }
    },
    async ofRun(runId) {
      const found = await rows.ofRun(runId, SHOWN_MAX);
      if (found.length === 0) return found;
      // A backup holds rows and no files.
      const there = await files.all();
      return found.filter(({ sha256 }) => there.has(sha256));
    },
    get: (id) => rows.get(id),
    async open({ sha256, sizeBytes }) {
      const content = await files.open(sha256, sizeBytes);
      if (content !== null) return content;
      return alone(async () => {
        // One of the same content may have come meanwhile.
        const later = await files.open(sha256, sizeBytes);
        if (later === null) await rows.forget(sha256);
        return later;
      });
    },
    sweep: () =>
      alone(async () => {
        const gone = await rows.removeExpired();
        return removeFiles([...gone, ...(await files.old(clock.now()))]);
      }),
  };
}

function largest({ fileMaxBytes, runMaxBytes, repositoryMaxBytes, maxBytes }: ArtifactLimits): number {
  return Math.min(fileMaxBytes, runMaxBytes, repositoryMaxBytes, maxBytes);
}
