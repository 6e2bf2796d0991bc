import { Failure, notFound } from "../http/failure.ts";
import type { Installation, Level, Repository, Role } from "../model.ts";
import type { World } from "../world.ts";
import type { Caller } from "./authenticate.ts";

/** One permission that opens a route; several are alternatives. */
export type Need = readonly [name: string, level: Level];

const LEVELS: Record<Level, number> = { read: 1, write: 2, admin: 3 };
const ROLES: Record<Role, number> = { read: 1, triage: 2, write: 3, maintain: 4, admin: 5 };

/** GitHub's words for a permission that the token lacks. */
export function notAccessible(): Failure {
  return new Failure(403, "Resource not accessible by integration");
}

/** Finds a repository by its names, whatever their case. */
export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  const account = world.tables.accountsByLogin(owner.toLowerCase())[0];
  if (account === undefined) return undefined;
  return world.tables.repositoriesByName(`${account.id}/${name.toLowerCase()}`)[0];
}

/** Whether an installation was granted a repository. */
export function covers(installation: Installation, repository: Repository): boolean {
  if (installation.accountId !== repository.ownerId) return false;
  return installation.repositoryIds === null || installation.repositoryIds.includes(repository.id);
}

/**
 * Lets a caller at a repository, or throws as GitHub answers: 404 for what it may not see, 403 for what it may not do.
 * Public repositories outside the token's reach may be read, as by anybody.
 */
export function demand(
  world: World,
  caller: Caller,
  repository: Repository | undefined,
  needs: readonly Need[],
): Repository {
  if (repository === undefined) throw notFound();
  const writes = needs.some(([, level]) => level !== "read");
  if (writes && repository.archived === true)
    throw new Failure(403, "Repository was archived so is read-only.");
  if (caller.kind === "user") {
    demandUser(world, caller.userId, repository, writes);
    if (caller.token.appId !== undefined) demandApp(world, caller.token.appId, repository, needs, writes);
    return repository;
  }
  // A JWT only speaks for the App itself: what GitHub answers to it here is not known to us, so nothing is given.
  if (caller.kind === "app" || caller.kind === "client") throw notAccessible();
  const reached = caller.kind === "installation" && reaches(caller, repository);
  if (!reached) {
    if (repository.private) throw notFound();
    if (!writes) return repository;
    throw caller.kind === "anonymous" ? new Failure(401, "Requires authentication") : notAccessible();
  }
  if (caller.kind !== "installation") return repository;
  if (!needs.some((need) => holds(caller.token.permissions, need))) throw notAccessible();
  return repository;
}

/** Whether a set of permissions includes one. */
export function holds(permissions: Record<string, Level>, [name, level]: Need): boolean {
  const held = permissions[name];
  return held !== undefined && LEVELS[held] >= LEVELS[level];
}

/** The role of a person: the owner is admin, anybody reads what is public. */
export function roleOf(repository: Repository, accountId: number): Role | null {
  if (accountId === repository.ownerId) return "admin";
  return repository.roles[String(accountId)] ?? (repository.private ? null : "read");
}

/** The role that somebody gave a person, in this repository or as its owner; what is public to all does not count. */
export function explicitRole(repository: Repository, accountId: number): Role | null {
  return accountId === repository.ownerId ? "admin" : (repository.roles[String(accountId)] ?? null);
}

/** A role as the five flags that repositories and collaborators carry. */
export function flagsOf(role: Role | null): Record<string, boolean> {
  const at = role === null ? 0 : ROLES[role];
  return { admin: at >= 5, maintain: at >= 4, push: at >= 3, triage: at >= 2, pull: at >= 1 };
}

function reaches(caller: Extract<Caller, { kind: "installation" }>, repository: Repository): boolean {
  const narrowed = caller.token.repositoryIds;
  return covers(caller.installation, repository) && (narrowed === null || narrowed.includes(repository.id));
}

/** An App that acts for a person reaches only where it is installed, and there what it was given; what is public may be read. */
function demandApp(
  world: World,
  appId: number,
  repository: Repository,
  needs: readonly Need[],
  writes: boolean,
): void {
  const installation = world.tables
    .installationsByAccount(repository.ownerId)
    .find((row) => row.appId === appId && row.suspendedAt === null && covers(row, repository));
  if (installation === undefined) {
    if (repository.private) throw notFound();
    if (writes) throw notAccessible();
    return;
  }
  if (!needs.some((need) => holds(installation.permissions, need))) throw notAccessible();
}

function demandUser(world: World, userId: number, repository: Repository, writes: boolean): void {
  const role = roleOf(repository, userId);
  if (role === null || !world.tables.accounts.get(userId)) throw notFound();
  if (writes && ROLES[role] < ROLES.write) throw new Failure(403, "Must have write access to Repository.");
}
