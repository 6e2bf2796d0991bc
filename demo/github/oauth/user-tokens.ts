import { randomUUID } from "node:crypto";
import { emitAuthorizationRevoked } from "../hooks/emit.ts";
import type { App, Token } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { mkToken } from "../tokens.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

/** What GitHub answers when it gives a person's token to an App; lifetimes in seconds. */
export type TokenAnswer = {
  access_token: string;
  expires_in: number;
  refresh_token: string;
  refresh_token_expires_in: number;
  scope: "";
  token_type: "bearer";
};

/** docs.github.com, "Refreshing user access tokens": six months. */
const REFRESH_TTL_S = 15_897_600;

/** Remembers that a person lets an App act for them; safe to repeat. */
export function grant(world: World, app: App, userId: number): void {
  const id = `${app.id}/${userId}`;
  if (world.tables.grants.get(id) !== undefined) return;
  world.tables.grants.put({ id, appId: app.id, userId, createdAt: now() });
}

/** Whether a person lets an App act for them. */
export function hasGrant(world: World, app: App, userId: number): boolean {
  return world.tables.grants.get(`${app.id}/${userId}`) !== undefined;
}

/** Makes a token with which an App acts for a person, and one to renew it with. */
export function issueUserToken(world: World, app: App, userId: number): TokenAnswer {
  const make = (prefix: string): string =>
    mkToken(world.secret, `${app.id}-${userId}-${randomUUID()}`, prefix);
  const ttlMs = world.settings().userTokenTtlMs;
  const accessToken = make("ghu_");
  const refreshToken = make("ghr_");
  world.tables.tokens.put({
    id: accessToken,
    installationId: null,
    userId,
    appId: app.id,
    permissions: {},
    repositoryIds: null,
    expiresAt: Date.now() + ttlMs,
  });
  world.tables.refreshTokens.put({
    id: refreshToken,
    appId: app.id,
    userId,
    accessToken,
    expiresAt: Date.now() + REFRESH_TTL_S * 1000,
  });
  return {
    access_token: accessToken,
    expires_in: Math.floor(ttlMs / 1000),
    refresh_token: refreshToken,
    refresh_token_expires_in: REFRESH_TTL_S,
    scope: "",
    token_type: "bearer",
  };
}

/** Renews: the old token and its refresh token end at once. null: wrong, used, expired, or of another App. */
export function refreshUserToken(world: World, app: App, refreshToken: string): TokenAnswer | null {
  const known = world.tables.refreshTokens.get(refreshToken);
  if (known === undefined || known.appId !== app.id) return null;
  endToken(world, known.accessToken);
  return Date.now() < known.expiresAt ? issueUserToken(world, app, known.userId) : null;
}

/** The live token of that App with that text. */
export function userTokenOf(world: World, app: App, text: string): Token | null {
  const token = world.tables.tokens.get(text);
  if (token === undefined || token.appId !== app.id || Date.now() >= token.expiresAt) return null;
  return token;
}

/** Ends a token together with the one that would renew it. */
export function endToken(world: World, accessToken: string): void {
  world.tables.tokens.delete(accessToken);
  for (const row of world.tables.refreshTokens.all()) {
    if (row.accessToken === accessToken) world.tables.refreshTokens.delete(row.id);
  }
}

/** Takes the person's leave back: every token of theirs for this App ends, and the App is told. */
export function revokeGrant(world: World, app: App, userId: number): void {
  for (const token of world.tables.tokens.all()) {
    if (token.appId === app.id && token.userId === userId) endToken(world, token.id);
  }
  world.tables.grants.delete(`${app.id}/${userId}`);
  emitAuthorizationRevoked(world, app, accountById(world, userId));
}
