import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountByLogin, ensureAccount } from "../acts/accounts.ts";
import { pushCommit } from "../acts/commit.ts";
import { refMoved } from "../acts/push.ts";
import { createRepository, forkRepository } from "../acts/repositories.ts";
import type { World } from "../world.ts";
import type { ControlHandlers } from "./contract.ts";
import { repoByName } from "./find.ts";

type Names =
  | "createRepository"
  | "forkRepository"
  | "setRole"
  | "setPrivate"
  | "branchSha"
  | "pushCommit"
  | "forcePush"
  | "deleteBranch"
  | "putLfsObject";

/** Repositories and what people push to them. */
export function repositoryHandlers(world: World): ControlHandlers<Names> {
  const { tables, git } = world;
  return {
    createRepository: (input) => createRepository(world, input),
    forkRepository: ({ repo, owner }) => forkRepository(world, repoByName(world, repo), owner),
    setRole: ({ repo, login, role }) => {
      const repository = repoByName(world, repo);
      const id = String(ensureAccount(world, login).id);
      const others = Object.entries(repository.roles).filter(([key]) => key !== id);
      const mine = role === null ? [] : [[id, role] as const];
      repository.roles = Object.fromEntries([...others, ...mine]);
      return tables.repositories.put(repository);
    },
    setPrivate: ({ repo, private: hidden }) => {
      const repository = repoByName(world, repo);
      repository.private = hidden;
      return tables.repositories.put(repository);
    },
    branchSha: async ({ repo, branch }) => {
      return { sha: await git.resolve(repoByName(world, repo), `refs/heads/${branch}`) };
    },
    pushCommit: ({ repo, login, message, ...wish }) => {
      const request = { ...wish, message: message ?? "Change\n" };
      return pushCommit(world, repoByName(world, repo), accountByLogin(world, login), request);
    },
    forcePush: async ({ repo, branch, sha, login }) => {
      const repository = repoByName(world, repo);
      const pusher = accountByLogin(world, login);
      const ref = `refs/heads/${branch}`;
      const before = await git.resolve(repository, ref);
      await git.exclusive(repository, () => git.setRef(repository, ref, sha));
      await refMoved(world, repository, pusher, ref, before, sha);
      return { before };
    },
    deleteBranch: async ({ repo, branch, login }) => {
      const repository = repoByName(world, repo);
      const ref = `refs/heads/${branch}`;
      const before = await git.resolve(repository, ref);
      await git.exclusive(repository, () => git.setRef(repository, ref, null));
      await refMoved(world, repository, accountByLogin(world, login), ref, before, null);
      return {};
    },
    putLfsObject: async ({ repo, base64 }) => {
      const bytes = Buffer.from(base64, "base64");
      const oid = createHash("sha256").update(bytes).digest("hex");
      const dir = join(git.lfsDir(repoByName(world, repo)), oid.slice(0, 2), oid.slice(2, 4));
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, oid), bytes);
      return { oid, size: bytes.length };
    },
  };
}
