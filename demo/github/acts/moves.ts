import { rm } from "node:fs/promises";
import type { Account, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { ensureAccount } from "./accounts.ts";

/** Deletes a repository. Pull requests that came from it stay, and their commits with them: only where they came from is forgotten. */
export async function deleteRepository(world: World, repository: Repository): Promise<void> {
  for (const pull of world.tables.pullsByRepository(repository.id)) world.tables.pulls.delete(pull.id);
  world.tables.repositories.delete(repository.id);
  await rm(world.git.dir(repository), { recursive: true, force: true });
}

/** Gives a repository to another owner; its id stays, and installations of the old owner no longer reach it. */
export function transferRepository(
  world: World,
  repository: Repository,
  owner: string,
  type: Account["type"],
): Repository {
  const ownerId = ensureAccount(world, owner, type).id;
  // The lookups by owner and name are made of both: the row is put anew.
  world.tables.repositories.delete(repository.id);
  return world.tables.repositories.put({ ...repository, ownerId });
}

/** Puts a repository into the archive, where it can only be read, or takes it out again. */
export function setArchived(world: World, repository: Repository, archived: boolean): Repository {
  repository.archived = archived;
  return world.tables.repositories.put(repository);
}
