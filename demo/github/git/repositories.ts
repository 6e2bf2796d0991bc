import { cp, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { gitText } from "./git.ts";
import { createObjectCache } from "./objects.ts";
import type { ObjectCache } from "./objects.ts";
import { createRefCache } from "./refs.ts";
import type { RefCache } from "./refs.ts";
import type { Repository } from "../model.ts";

/** The bare repositories on disk, one folder per numeric id. */
export type GitStore = {
  dir: (repository: Repository) => string;
  lfsDir: (repository: Repository) => string;
  init: (repository: Repository) => Promise<void>;
  /** Copies branches and tags from a path or bundle, which is only read; `branches` names what to take. */
  importFrom: (
    repository: Repository,
    source: string,
    branches: Record<string, string> | null,
  ) => Promise<void>;
  /** One writer at a time in each repository. */
  exclusive: <T>(repository: Repository, work: () => Promise<T>) => Promise<T>;
  setRef: (repository: Repository, ref: string, sha: string | null) => Promise<void>;
  resolve: (repository: Repository, ref: string) => Promise<string | null>;
  refs: RefCache;
  objects: ObjectCache;
};

/** A source may be somebody else's checkout, and may not offer every commit by itself. */
const SOURCE_UPLOAD_PACK = "git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack";

/** Opens the store of repositories under a folder. */
export function createGitStore(root: string): GitStore {
  const refs = createRefCache();
  const queues = new Map<number, Promise<unknown>>();
  const dir = (repository: Repository): string =>
    repository.externalDir ?? join(root, "repos", `${repository.id}.git`);
  const lfsDir = (repository: Repository): string => join(dir(repository), "lfs", "objects");
  const external = (repository: Repository): boolean => repository.externalDir !== null;

  return {
    dir,
    lfsDir,
    refs,
    objects: createObjectCache(),
    init: async (repository) => {
      await mkdir(dir(repository), { recursive: true });
      await gitText(dir(repository), [
        "init",
        "--quiet",
        "--bare",
        "--initial-branch",
        repository.defaultBranch,
      ]);
    },
    importFrom: async (repository, source, branches) => {
      const wanted =
        branches === null
          ? ["+refs/heads/*:refs/heads/*"]
          : await Promise.all(
              Object.entries(branches).map(async ([name, ref]) => {
                const sha = await gitText(source, ["rev-parse", "--verify", `${ref}^{commit}`]);
                return `+${sha}:refs/heads/${name}`;
              }),
            );
      const args = ["fetch", "--quiet", "--update-shallow", "--no-write-fetch-head", "--upload-pack"];
      await gitText(dir(repository), [
        ...args,
        SOURCE_UPLOAD_PACK,
        source,
        ...wanted,
        "+refs/tags/*:refs/tags/*",
      ]);
      refs.forget(dir(repository));
      await copyLfs(source, lfsDir(repository));
    },
    exclusive: async (repository, work) => {
      const before = queues.get(repository.id) ?? Promise.resolve();
      const mine = before.then(work, work);
      // The next one waits for this one's end; this one's failure is its own caller's.
      queues.set(
        repository.id,
        mine.then(
          () => undefined,
          () => undefined,
        ),
      );
      return mine;
    },
    setRef: async (repository, ref, sha) => {
      const args = sha === null ? ["update-ref", "-d", ref] : ["update-ref", ref, sha];
      await gitText(dir(repository), args);
      refs.forget(dir(repository));
    },
    resolve: (repository, ref) =>
      refs.resolve(dir(repository), external(repository), ref, repository.defaultBranch),
  };
}

async function copyLfs(source: string, target: string): Promise<void> {
  for (const from of [join(source, ".git", "lfs", "objects"), join(source, "lfs", "objects")]) {
    const found = await stat(from).catch(() => null);
    if (found?.isDirectory() === true) await cp(from, target, { recursive: true });
  }
}
