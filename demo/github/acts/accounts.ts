import { randomUUID } from "node:crypto";
import { mkToken } from "../tokens.ts";
import { emitInstallation } from "../hooks/emit.ts";
import type { Account, App, Installation, Permissions } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

/** The account of that login; made when it is new. */
export function ensureAccount(world: World, login: string, type: Account["type"] = "User"): Account {
  const known = world.tables.accountsByLogin(login.toLowerCase())[0];
  if (known !== undefined) return known;
  return world.tables.accounts.put({ id: world.tables.nextId("account"), login, type, createdAt: now() });
}

/** The account of that login; throws when there is none. */
export function accountByLogin(world: World, login: string): Account {
  const account = world.tables.accountsByLogin(login.toLowerCase())[0];
  if (account === undefined) throw new Error(`there is no account ${login}`);
  return account;
}

/** Installs an App on an account, for all repositories or some. */
export function install(
  world: World,
  app: App,
  account: Account,
  repositoryIds: number[] | null,
  permissions: Permissions = app.permissions,
  actor: Account = account,
): Installation {
  const installation = world.tables.installations.put({
    id: world.tables.nextId("installation"),
    appId: app.id,
    accountId: account.id,
    repositoryIds,
    permissions,
    events: app.events,
    suspendedAt: null,
    createdAt: now(),
  });
  emitInstallation(world, "created", installation, actor);
  return installation;
}

/** Removes an installation: its tokens stop at once, and the App is told. */
export function uninstall(world: World, installation: Installation): void {
  for (const token of world.tables.tokens.all()) {
    if (token.installationId === installation.id) world.tables.tokens.delete(token.id);
  }
  world.tables.installations.delete(installation.id);
  emitInstallation(world, "deleted", installation, accountById(world, installation.accountId));
}

/** Suspends or resumes an installation and tells the App. */
export function suspend(world: World, installation: Installation, suspended: boolean): Installation {
  installation.suspendedAt = suspended ? now() : null;
  world.tables.installations.put(installation);
  const sender = accountById(world, installation.accountId);
  emitInstallation(world, suspended ? "suspend" : "unsuspend", installation, sender);
  return installation;
}

/** A person's own token, for git and LFS over HTTP. */
export function userToken(world: World, account: Account): string {
  const id = mkToken(world.secret, `user-${account.id}-${randomUUID()}`, "ghp_");
  world.tables.tokens.put({
    id,
    installationId: null,
    userId: account.id,
    permissions: {},
    repositoryIds: null,
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
  return id;
}
