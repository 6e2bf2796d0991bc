import { emit } from "../hooks/emit.ts";
import { git } from "../git/git.ts";
import { ZERO_SHA } from "../git/refs.ts";
import type { Account, Json, Repository } from "../model.ts";
import { suiteFor } from "./checks.ts";
import { emitPull, refreshPull } from "./pulls.ts";
import { simpleCommitShape } from "../shapes/commit.ts";
import { pageUrl } from "../shapes/repository.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

/** How many commits a push payload lists (docs.github.com, "push"). */
const COMMITS_LISTED = 20;

/** Everything that follows when a ref has moved: push event, suites, pull requests. SHAs null: absent. */
export async function refMoved(
  world: World,
  repository: Repository,
  pusher: Account,
  ref: string,
  before: string | null,
  after: string | null,
): Promise<void> {
  world.git.refs.forget(world.git.dir(repository));
  repository.pushedAt = now();
  world.tables.repositories.put(repository);
  await emitPush(world, repository, pusher, ref, before, after);
  if (!ref.startsWith("refs/heads/")) return;
  const branch = ref.slice("refs/heads/".length);
  if (after !== null) suiteFor(world, repository, after, branch, pusher);
  await moveHeads(world, repository, pusher, branch, after);
  if (after !== null) await moveBases(world, repository, branch, after);
}

async function moveHeads(
  world: World,
  repository: Repository,
  pusher: Account,
  branch: string,
  after: string | null,
): Promise<void> {
  for (const pull of world.tables.pullsByHead(`${repository.id}/${branch}`)) {
    if (pull.state !== "open") continue;
    pull.updatedAt = now();
    if (after === null) {
      // GitHub closes the pull requests of a deleted branch.
      pull.state = "closed";
      pull.closedAt = now();
      world.tables.pulls.put(pull);
      emitPull(world, pull, "closed", pusher);
      continue;
    }
    const before = pull.headSha;
    pull.headSha = after;
    await refreshPull(world, pull);
    emitPull(world, pull, "synchronize", pusher, { before, after });
  }
}

/** The base side of a pull request moves silently: GitHub sends no event for it. */
async function moveBases(world: World, repository: Repository, branch: string, after: string): Promise<void> {
  for (const pull of world.tables.pullsByRepository(repository.id)) {
    if (pull.state !== "open" || pull.baseRef !== branch || pull.baseSha === after) continue;
    pull.baseSha = after;
    await refreshPull(world, pull);
  }
}

async function emitPush(
  world: World,
  repository: Repository,
  pusher: Account,
  ref: string,
  before: string | null,
  after: string | null,
): Promise<void> {
  const dir = world.git.dir(repository);
  const listed = await newCommits(dir, before, after);
  const commits = await Promise.all(
    listed.map(async (sha): Promise<Json> => {
      const commit = await world.git.objects.commit(dir, sha);
      const url = pageUrl(world, repository, `/commit/${sha}`);
      return Object.assign(simpleCommitShape(commit), {
        distinct: true,
        url,
        added: [],
        removed: [],
        modified: [],
      });
    }),
  );
  const forced = before !== null && after !== null && !(await isAncestor(dir, before, after));
  const range = `${(before ?? ZERO_SHA).slice(0, 12)}...${(after ?? ZERO_SHA).slice(0, 12)}`;
  const payload = {
    ref,
    before: before ?? ZERO_SHA,
    after: after ?? ZERO_SHA,
    created: before === null,
    deleted: after === null,
    forced,
    base_ref: null,
    compare: pageUrl(world, repository, `/compare/${range}`),
    commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: pusher.login, email: `${pusher.login}@users.noreply.github.com` },
  };
  emit(world, { event: "push", action: null, repository, sender: pusher, payload });
}

async function newCommits(dir: string, before: string | null, after: string | null): Promise<string[]> {
  if (after === null) return [];
  const range =
    before === null ? ["--max-count=1", after] : [`--max-count=${COMMITS_LISTED}`, `${before}..${after}`];
  const result = await git(dir, ["rev-list", "--reverse", ...range]);
  const shas = result.stdout.toString().split("\n");
  return result.code === 0 ? shas.filter((sha) => sha !== "") : [];
}

async function isAncestor(dir: string, older: string, newer: string): Promise<boolean> {
  return (await git(dir, ["merge-base", "--is-ancestor", older, newer])).code === 0;
}
