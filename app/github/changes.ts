import { z } from "zod";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub, RepositoryRef } from "./hub.ts";

/** The commit that merging a pull request now would give. */
export type TestMerge =
  | { readonly kind: "ready"; readonly sha: string; readonly parents: readonly string[] }
  | { readonly kind: "conflict" }
  /** GitHub has not come to it yet, or the pull request is closed. */
  | { readonly kind: "unknown" };

/** What a pull request changes, and what merging it would give. */
export type Changes = {
  /**
   * Looks through the changed files, old names of renamed ones included, until one is meant. `too_many`: none of those that GitHub
   * lists, and it lists no more than 3,000.
   */
  anyFile(
    repository: RepositoryRef,
    number: number,
    isMeant: (path: string) => boolean,
    signal?: AbortSignal,
  ): Promise<"some" | "none" | "too_many">;
  /** Paths that the pull request changes, as they are now; at most those that GitHub lists, 3,000. */
  files(repository: RepositoryRef, number: number, signal?: AbortSignal): Promise<readonly string[]>;
  /** Asking makes GitHub begin to find out, when it does not know. */
  testMerge(repository: RepositoryRef, number: number, signal?: AbortSignal): Promise<TestMerge>;
};

/** GitHub's page size limit. */
const PAGE_SIZE = 100;
/** docs.github.com, "List pull requests files": a maximum of 3,000 files. */
const MAX_PAGES = 30;

const filesSchema = z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() }));
const shaSchema = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/);
const mergeSchema = z.object({ mergeable: z.boolean().nullable(), merge_commit_sha: shaSchema.nullable() });
const commitSchema = z.object({ sha: shaSchema, parents: z.array(z.object({ sha: shaSchema })) });

/** Changes over GitHub's API; failures are thrown as call.ts sorts them. */
export function createChanges(hub: Hub): Changes {
  /** Page by page, until there is no more or GitHub lists no more. */
  async function* pages(
    repository: RepositoryRef,
    number: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<z.infer<typeof filesSchema>, void> {
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const files = await read(hub.calls, {
        what: "list changed files",
        ...as(repository.installationId),
        reply: filesSchema,
        signal,
        send: (rest, options) =>
          rest.pulls.listFiles({
            owner: repository.owner,
            repo: repository.name,
            pull_number: number,
            per_page: PAGE_SIZE,
            page,
            ...options,
          }),
      });
      yield files;
      if (files.length < PAGE_SIZE) return;
    }
  }
  return {
    async anyFile(repository, number, isMeant, signal) {
      for await (const files of pages(repository, number, signal)) {
        const paths = files.flatMap((file) => [file.filename, file.previous_filename ?? file.filename]);
        if (paths.some(isMeant)) return "some";
        if (files.length < PAGE_SIZE) return "none";
      }
      return "too_many";
    },
    async files(repository, number, signal) {
      const found: string[] = [];
      for await (const page of pages(repository, number, signal))
        found.push(...page.map(({ filename }) => filename));
      return found;
    },
    async testMerge(repository, number, signal) {
      const target = { owner: repository.owner, repo: repository.name };
      const pull = await read(hub.calls, {
        what: "read test merge",
        ...as(repository.installationId),
        reply: mergeSchema,
        signal,
        send: (rest, options) => rest.pulls.get({ ...target, pull_number: number, ...options }),
      });
      if (pull.mergeable === false) return { kind: "conflict" };
      const { merge_commit_sha: sha } = pull;
      if (pull.mergeable === null || sha === null) return { kind: "unknown" };
      const commit = await read(hub.calls, {
        what: "read merge commit",
        ...as(repository.installationId),
        reply: commitSchema,
        signal,
        send: (rest, options) => rest.git.getCommit({ ...target, commit_sha: sha, ...options }),
      });
      return { kind: "ready", sha, parents: commit.parents.map((parent) => parent.sha) };
    },
  };
}
