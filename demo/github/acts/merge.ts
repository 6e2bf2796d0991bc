import { gitText } from "../git/git.ts";
import { Failure } from "../http/failure.ts";
import type { Account, Pull } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { repositoryById } from "../shapes/pull.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";
import { emitPull } from "./pulls.ts";
import { refMoved } from "./push.ts";

/** Merges a pull request by a merge commit, closes it and moves its base. Throws 405 when it cannot be merged, as GitHub does. */
export async function mergePull(world: World, pull: Pull, actor: Account): Promise<Pull> {
  const repository = repositoryById(world, pull.repositoryId);
  if (pull.state !== "open" || pull.draft || pull.mergeSha === null)
    throw new Failure(405, "Pull Request is not mergeable");
  const dir = world.git.dir(repository);
  const head = world.tables.repositories.get(pull.headRepositoryId);
  const owner = head === undefined ? "unknown" : accountById(world, head.ownerId).login;
  const message = `Merge pull request #${pull.number} from ${owner}/${pull.headRef}\n\n${pull.title}\n`;
  const parents = ["-p", pull.baseSha, "-p", pull.headSha];
  const env = {
    GIT_AUTHOR_NAME: actor.login,
    GIT_AUTHOR_EMAIL: `${actor.login}@users.noreply.github.com`,
  };
  const tree = `${pull.mergeSha}^{tree}`;
  const ref = `refs/heads/${pull.baseRef}`;
  const before = pull.baseSha;
  const sha = await world.git.exclusive(repository, async () => {
    const made = await gitText(dir, ["commit-tree", tree, ...parents, "-m", message], { env });
    await world.git.setRef(repository, ref, made);
    return made;
  });
  pull.state = "closed";
  pull.mergeSha = sha;
  pull.mergedAt = now();
  pull.closedAt = pull.mergedAt;
  pull.updatedAt = pull.mergedAt;
  pull.mergedById = actor.id;
  world.tables.pulls.put(pull);
  await refMoved(world, repository, actor, ref, before, sha);
  emitPull(world, pull, "closed", actor);
  return pull;
}
