import { diffStat } from "../git/diff.ts";
import { git, gitText } from "../git/git.ts";
import { emit } from "../hooks/emit.ts";
import type { Account, Json, Pull, Repository } from "../model.ts";
import { fullPullShape, repositoryById } from "../shapes/pull.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

export type PullRequest = { title: string; body?: string; head: string; base?: string; draft?: boolean };

/** Opens a pull request; `head` is a branch of `headRepository` (the same one, or a fork). */
export async function openPull(
  world: World,
  repository: Repository,
  headRepository: Repository,
  author: Account,
  request: PullRequest,
): Promise<Pull> {
  const baseRef = request.base ?? repository.defaultBranch;
  const baseSha = await world.git.resolve(repository, `refs/heads/${baseRef}`);
  const headSha = await world.git.resolve(headRepository, `refs/heads/${request.head}`);
  if (baseSha === null) throw new Error(`there is no branch ${baseRef}`);
  if (headSha === null) throw new Error(`there is no branch ${request.head}`);
  const number = repository.nextNumber;
  repository.nextNumber += 1;
  world.tables.repositories.put(repository);
  const time = now();
  const pull: Pull = {
    id: world.tables.nextId("pull"),
    issueId: world.tables.nextId("issue"),
    repositoryId: repository.id,
    number,
    title: request.title,
    body: request.body ?? null,
    authorId: author.id,
    state: "open",
    draft: request.draft ?? false,
    baseRef,
    baseSha,
    headRepositoryId: headRepository.id,
    headRef: request.head,
    headSha,
    mergeSha: null,
    stat: { commits: 0, additions: 0, deletions: 0, changedFiles: 0 },
    createdAt: time,
    updatedAt: time,
    closedAt: null,
  };
  await refreshPull(world, pull);
  emitPull(world, pull, "opened", author);
  return pull;
}

/** Brings refs/pull/N/head, refs/pull/N/merge and the counts up to the heads that the record names. */
export async function refreshPull(world: World, pull: Pull): Promise<Pull> {
  const repository = repositoryById(world, pull.repositoryId);
  const dir = world.git.dir(repository);
  await world.git.exclusive(repository, async () => {
    const source = world.tables.repositories.get(pull.headRepositoryId);
    if (source !== undefined && source.id !== repository.id) {
      const from = ["fetch", "--quiet", "--no-write-fetch-head", "--upload-pack"];
      const pack = "git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack";
      await gitText(dir, [...from, pack, world.git.dir(source), pull.headSha]);
    }
    await world.git.setRef(repository, `refs/pull/${pull.number}/head`, pull.headSha);
    pull.mergeSha = await testMerge(dir, pull);
    await world.git.setRef(repository, `refs/pull/${pull.number}/merge`, pull.mergeSha);
    pull.stat = await diffStat(dir, pull.baseSha, pull.headSha);
  });
  return world.tables.pulls.put(pull);
}

/** Closes or reopens a pull request. */
export function setPullState(world: World, pull: Pull, state: Pull["state"], actor: Account): Pull {
  if (pull.state === state) return pull;
  if (pull.mergedAt !== undefined) throw new Error(`pull request ${pull.number} is merged`);
  pull.state = state;
  pull.closedAt = state === "closed" ? now() : null;
  pull.updatedAt = now();
  world.tables.pulls.put(pull);
  emitPull(world, pull, state === "closed" ? "closed" : "reopened", actor);
  return pull;
}

/** Changes title or body. */
export function editPull(
  world: World,
  pull: Pull,
  actor: Account,
  change: { title?: string; body?: string },
): Pull {
  const changes: Json = {};
  if (change.title !== undefined) changes["title"] = { from: pull.title };
  if (change.body !== undefined) changes["body"] = { from: pull.body ?? "" };
  pull.title = change.title ?? pull.title;
  pull.body = change.body ?? pull.body;
  pull.updatedAt = now();
  world.tables.pulls.put(pull);
  emitPull(world, pull, "edited", actor, { changes });
  return pull;
}

/** Lets a pull request go to another branch. */
export async function retargetPull(world: World, pull: Pull, actor: Account, base: string): Promise<Pull> {
  const repository = repositoryById(world, pull.repositoryId);
  const sha = await world.git.resolve(repository, `refs/heads/${base}`);
  if (sha === null) throw new Error(`there is no branch ${base}`);
  const changes = { base: { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } } };
  pull.baseRef = base;
  pull.baseSha = sha;
  pull.updatedAt = now();
  await refreshPull(world, pull);
  emitPull(world, pull, "edited", actor, { changes });
  return pull;
}

/** Tells the Apps about a pull request. */
export function emitPull(world: World, pull: Pull, action: string, sender: Account, more: Json = {}): void {
  const repository = repositoryById(world, pull.repositoryId);
  const payload = { number: pull.number, pull_request: fullPullShape(world, pull), ...more };
  emit(world, { event: "pull_request", action, repository, sender, payload });
}

/** The commit that merging would give; null on conflict. */
async function testMerge(dir: string, pull: Pull): Promise<string | null> {
  const merged = await git(dir, ["merge-tree", "--write-tree", pull.baseSha, pull.headSha]);
  if (merged.code !== 0) return null;
  const tree = merged.stdout.toString().split("\n")[0] ?? "";
  const message = `Merge ${pull.headSha} into ${pull.baseSha}`;
  return gitText(dir, ["commit-tree", tree, "-p", pull.baseSha, "-p", pull.headSha, "-m", message]);
}
