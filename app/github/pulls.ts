import { z } from "zod";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub, RepositoryRef } from "./hub.ts";

const shaSchema = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/);
const userSchema = z.object({ id: z.number(), login: z.string(), type: z.string() });

const repositorySchema = z.object({
  id: z.number(),
  name: z.string(),
  default_branch: z.string(),
  private: z.boolean(),
  archived: z.boolean(),
  owner: userSchema,
});

const pullSchema = z
  .object({
    number: z.number(),
    state: z.enum(["open", "closed"]),
    draft: z.boolean().optional(),
    merged: z.boolean().optional(),
    user: userSchema.nullable(),
    head: z.object({ sha: shaSchema, ref: z.string(), repo: z.object({ id: z.number() }).nullable() }),
    base: z.object({ sha: shaSchema, ref: z.string(), repo: repositorySchema }),
  })
  .transform((reply) => ({
    number: reply.number,
    state: reply.state,
    draft: reply.draft ?? false,
    merged: reply.merged ?? false,
    /** Null for deleted accounts. */
    author: reply.user,
    headSha: reply.head.sha,
    headRef: reply.head.ref,
    /** Null when the head repository was deleted. */
    headRepositoryId: reply.head.repo?.id ?? null,
    baseSha: reply.base.sha,
    baseRef: reply.base.ref,
    /** True for another repository's branch, and when its repository is gone: then nobody can tell. */
    fork: reply.head.repo?.id !== reply.base.repo.id,
    repository: {
      id: reply.base.repo.id,
      owner: reply.base.repo.owner,
      ownerId: reply.base.repo.owner.id,
      name: reply.base.repo.name,
      defaultBranch: reply.base.repo.default_branch,
      private: reply.base.repo.private,
      archived: reply.base.repo.archived,
    },
  }));

export type Pull = Readonly<z.infer<typeof pullSchema>>;

export type Pulls = {
  /** The pull request as it is now. `baseSha` is the base branch's tip when GitHub last looked, not the merge base. */
  get(repository: RepositoryRef, number: number, signal?: AbortSignal): Promise<Pull>;
  /** The commit at the tip of a branch, one call; github_gone when the branch was deleted. */
  branchTip(repository: RepositoryRef, branch: string, signal?: AbortSignal): Promise<string>;
};

const branchSchema = z.object({ object: z.object({ sha: shaSchema }) });

/** Pull requests over GitHub's API; failures are thrown as call.ts sorts them. */
export function createPulls(hub: Hub): Pulls {
  return {
    get: (repository, number, signal) =>
      read(hub.calls, {
        what: "read pull request",
        ...as(repository.installationId),
        reply: pullSchema,
        signal,
        send: (rest, options) =>
          rest.pulls.get({
            owner: repository.owner,
            repo: repository.name,
            pull_number: number,
            ...options,
          }),
      }),
    async branchTip(repository, branch, signal) {
      const reply = await read(hub.calls, {
        what: "read branch",
        ...as(repository.installationId),
        reply: branchSchema,
        signal,
        send: (rest, options) =>
          rest.git.getRef({
            owner: repository.owner,
            repo: repository.name,
            ref: `heads/${branch}`,
            ...options,
          }),
      });
      return reply.object.sha;
    },
  };
}
