import { z } from "zod";
import { AppError } from "../errors.ts";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub, RepositoryRef } from "./hub.ts";

export type RepositoryFile = { readonly path: string; readonly text: string };

/** `part`: GitHub leaves files out, which it does over 100,000 entries or 7 MB. */
export type RepositoryTree =
  | { readonly kind: "all"; readonly files: readonly { readonly path: string; readonly sha: string }[] }
  | { readonly kind: "part" };

export type Contents = {
  /** The text of a file at a commit; null when there is none, or it is no plain file. Throws too_large when over `maxBytes`. */
  readText(
    repository: RepositoryRef,
    sha: string,
    path: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<string | null>;
  /** Every plain file of a commit with its blob's id, in one call; null when GitHub does not show the commit. */
  tree(repository: RepositoryRef, sha: string, signal?: AbortSignal): Promise<RepositoryTree | null>;
  /**
   * The workflow files at a commit, by path; empty only when GitHub shows the commit and there is no such folder: a repository that
   * the App may not see (any more) is github_gone. Nothing is remembered: hydration keeps what it made of them.
   */
  workflows(repository: RepositoryRef, sha: string, signal?: AbortSignal): Promise<readonly RepositoryFile[]>;
};

const WORKFLOWS_FOLDER = ".github/workflows";
/** GitHub refuses workflow files over 512 KB. */
const MAX_WORKFLOW_BYTES = 512 * 1024;
/** Far beyond what repositories have; the rest is not read. */
const MAX_WORKFLOWS = 200;

const entrySchema = z.object({ type: z.string(), path: z.string(), size: z.number() });
const folderSchema = z.union([z.array(entrySchema), entrySchema]);
const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(z.object({ path: z.string(), type: z.string(), sha: z.string() })),
});
const fileSchema = z.union([
  z.object({ type: z.literal("file"), size: z.number(), encoding: z.string(), content: z.string() }),
  z.array(z.unknown()),
  z.object({ type: z.enum(["symlink", "submodule", "dir"]) }),
]);

/** Files of a commit over GitHub's API; failures are thrown as call.ts sorts them. */
export function createContents(hub: Hub): Contents {
  async function readText(
    repository: RepositoryRef,
    sha: string,
    path: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<string | null> {
    const reply = await get(hub, repository, sha, path, fileSchema, signal);
    if (reply === null || !("encoding" in reply)) return null;
    if (reply.size > maxBytes) throw tooLarge(path, reply.size, maxBytes);
    // Files over 1 MB come without content (`encoding: none`); every bound here is smaller.
    if (reply.encoding !== "base64") throw tooLarge(path, reply.size, maxBytes);
    return Buffer.from(reply.content, "base64").toString("utf8");
  }

  return {
    readText,
    async tree(repository, sha, signal) {
      const reply = await getTree(hub, { repository, sha, isWhole: true }, treeSchema, signal);
      if (reply === null) return null;
      if (reply.truncated) return { kind: "part" };
      const files = reply.tree.filter(({ type }) => type === "blob");
      return { kind: "all", files: files.map(({ path, sha: blob }) => ({ path, sha: blob })) };
    },
    async workflows(repository, sha, signal) {
      // Side by side: whoever needs the workflows waits for one call.
      const [folder, isSeen] = await Promise.all([
        get(hub, repository, sha, WORKFLOWS_FOLDER, folderSchema, signal),
        commitIsSeen(hub, repository, sha, signal),
      ]);
      if (folder === null && !isSeen) throw notSeen(repository, sha);
      const paths = (Array.isArray(folder) ? folder : [])
        .filter((entry) => entry.type === "file" && /\.ya?ml$/.test(entry.path))
        // No workflow for GitHub either; one such file must not fail every run of the repository.
        .filter((entry) => entry.size <= MAX_WORKFLOW_BYTES)
        .slice(0, MAX_WORKFLOWS)
        .map((entry) => entry.path);
      const texts = await Promise.all(
        paths.map(async (path) => {
          const text = await readText(repository, sha, path, MAX_WORKFLOW_BYTES, signal);
          // The folder of this very commit names it.
          if (text === null) throw notSeen(repository, sha);
          return { path, text };
        }),
      );
      return texts;
    },
  };
}

async function get<T>(
  hub: Hub,
  repository: RepositoryRef,
  sha: string,
  path: string,
  reply: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T | null> {
  try {
    return await read(hub.calls, {
      what: `read ${path}`,
      ...as(repository.installationId),
      reply,
      signal,
      send: (rest, options) =>
        rest.repos.getContent({
          owner: repository.owner,
          repo: repository.name,
          path,
          ref: sha,
          ...options,
        }),
    });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "github_gone") return null;
    throw thrown;
  }
}

async function commitIsSeen(
  hub: Hub,
  repository: RepositoryRef,
  sha: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const asked = { repository, sha, isWhole: false };
  return (await getTree(hub, asked, z.object({ sha: z.string() }), signal)) !== null;
}

async function getTree<T>(
  hub: Hub,
  { repository, sha, isWhole }: { repository: RepositoryRef; sha: string; isWhole: boolean },
  reply: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T | null> {
  try {
    return await read(hub.calls, {
      what: isWhole ? "list the files of a commit" : "read commit",
      ...as(repository.installationId),
      reply,
      signal,
      send: (rest, options) =>
        rest.git.getTree({
          owner: repository.owner,
          repo: repository.name,
          tree_sha: sha,
          ...(isWhole ? { recursive: "1" } : {}),
          ...options,
        }),
    });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "github_gone") return null;
    throw thrown;
  }
}

function notSeen(repository: RepositoryRef, sha: string): AppError {
  return new AppError(
    "github_gone",
    `GitHub does not show the App commit ${sha} of ${repository.owner}/${repository.name} any more.`,
    "Check that the App is still installed on this repository, and that the commit is there.",
  );
}

function tooLarge(path: string, sizeBytes: number, maxBytes: number): AppError {
  return new AppError(
    "too_large",
    `${path} has ${sizeBytes} bytes; at most ${maxBytes} are read.`,
    "Make the file smaller.",
  );
}
