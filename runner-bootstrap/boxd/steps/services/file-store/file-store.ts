/** Caches and artifacts in a directory. Several processes may use it at once: all comes and goes by a rename. */

import { isDiskFull } from "../../../claim.ts";
import type { Published, Store, Upload } from "../store.ts";
import { deleteArtifact, listArtifacts, publishArtifact, sweepExpired } from "./artifacts.ts";
import { openBody } from "./body.ts";
import { findCache, hasCache, publishCache } from "./caches.ts";
import type { FileStoreLimits } from "./limits.ts";
import { FILE_STORE_LIMITS } from "./limits.ts";
import { makePlaces } from "./places.ts";
import { openSession } from "./session.ts";
import type { Budget, FileUpload } from "./upload.ts";
import { openFileUpload } from "./upload.ts";

export type FileStoreOptions = {
  /** Made when it is not there; nobody else may write into it. */
  readonly root: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<FileStoreLimits>;
};

/** Ids are milliseconds with this many behind each, and stay below what a JavaScript number holds until 2255. */
const IDS_PER_MS = 1000;

/**
 * Opens the store, and sweeps away what dead processes left half done. Entries are not synced to the disk: after a
 * power cut one may be missing or refuse to be read, as a cache may.
 */
export async function createFileStore(options: FileStoreOptions): Promise<Store> {
  const { now } = options;
  const limits = { ...FILE_STORE_LIMITS, ...options.limits };
  const places = await makePlaces(options.root);
  const session = await openSession(places);
  const budget: Budget = { usedBytes: 0, maxBytes: limits.openUploadsMaxBytes };
  const uploads = new WeakMap<Upload, FileUpload>();
  const deps = { places, limits, now, nextId: idMaker(now) };
  await sweepExpired(deps);

  const ours = (upload: Upload): FileUpload => {
    const found = uploads.get(upload);
    if (found === undefined) throw new TypeError("an upload of another store");
    return found;
  };

  return {
    async openUpload(kind) {
      const maxBytes = kind === "cache" ? limits.cacheEntryMaxBytes : limits.artifactMaxBytes;
      const upload = await openFileUpload(session.dir, kind, maxBytes, budget);
      uploads.set(upload, upload);
      return upload;
    },
    hasCache: async (name) => hasCache(deps, name),
    findCache: (query) => findCache(deps, query),
    publishCache: (upload, name, sizeBytes) => unlessFull(publishCache(deps, ours(upload), name, sizeBytes)),
    publishArtifact: (upload, made, sizeBytes) =>
      unlessFull(publishArtifact(deps, ours(upload), made, sizeBytes)),
    listArtifacts: (run) => listArtifacts(deps, run),
    deleteArtifact: (run, name) => deleteArtifact(deps, run, name),
    openBody: async (body) => openBody(places, body, now()),
    close: () => session.close(),
  };
}

async function unlessFull<T>(publishing: Promise<Published<T>>): Promise<Published<T>> {
  try {
    return await publishing;
  } catch (error) {
    if (isDiskFull(error)) return { ok: false, why: "disk_full" };
    throw error;
  }
}

function idMaker(now: () => number): () => number {
  let last = 0;
  return () => {
    // Two processes in one millisecond rarely meet; one process never does.
    const drawn = Math.floor(now()) * IDS_PER_MS + Math.floor(Math.random() * IDS_PER_MS);
    last = Math.max(drawn, last + 1);
    return last;
  };
}
