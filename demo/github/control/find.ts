import { findRepository } from "../api/access.ts";
import type { CheckRun, Comment, Installation, Pull, Repository } from "../model.ts";
import type { World } from "../world.ts";
import type { PullRef, RepoName } from "./contract.ts";

/** Finds by OWNER/NAME, or says that there is none. */
export function repoByName(world: World, repo: RepoName): Repository {
  const [owner = "", name = ""] = repo.split("/");
  return must(findRepository(world, owner, name), `repository ${repo}`);
}

/** Finds a pull request. */
export function pullByRef(world: World, { repo, number }: PullRef): Pull {
  const repository = repoByName(world, repo);
  return must(world.tables.pullsByNumber(`${repository.id}/${number}`)[0], `pull request ${repo}#${number}`);
}

/** Finds a comment that is still there. */
export function commentById(world: World, id: number): Comment {
  return must(world.tables.comments.get(id), `comment ${id}`);
}

/** Finds a check run. */
export function runById(world: World, id: number): CheckRun {
  return must(world.tables.runs.get(id), `check run ${id}`);
}

/** Finds an installation. */
export function installationById(world: World, id: number): Installation {
  return must(world.tables.installations.get(id), `installation ${id}`);
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
