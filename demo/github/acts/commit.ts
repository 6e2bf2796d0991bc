import { writeCommit } from "../git/commit.ts";
import type { FileChange } from "../git/commit.ts";
import type { Account, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { refMoved } from "./push.ts";

export type CommitWish = {
  branch: string;
  files: Record<string, FileChange>;
  message: string;
  /** Where a new branch begins (branch or SHA); default: the branch itself, else the default branch. */
  parent?: string;
};

/** Writes a commit on a branch as a person and pushes it: what follows from a push follows. */
export async function pushCommit(
  world: World,
  repository: Repository,
  pusher: Account,
  { branch, files, message, parent }: CommitWish,
): Promise<{ sha: string; before: string | null }> {
  const { git } = world;
  const before = await git.resolve(repository, `refs/heads/${branch}`);
  const on = parent === undefined ? before : await git.resolve(repository, parent);
  const base = on ?? (await git.resolve(repository, repository.defaultBranch));
  const sha = await git.exclusive(repository, () =>
    writeCommit(git.dir(repository), {
      branch,
      parent: base,
      files,
      message,
      author: { name: pusher.login, email: `${pusher.login}@users.noreply.github.com` },
      at: new Date(),
    }),
  );
  await refMoved(world, repository, pusher, `refs/heads/${branch}`, before, sha);
  return { sha, before };
}
