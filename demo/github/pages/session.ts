import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Account } from "../model.ts";
import { mark, sameText } from "../tokens.ts";
import type { World } from "../world.ts";

/** A visit: who is signed in, if anybody, and the token that its forms carry. */
export type Session = { viewer: Account | null; csrf: string; cookie: string; isNew: boolean };

/** A playground's session; long enough for a working day. */
const SESSION_TTL_MS = 12 * 60 * 60_000;
const NOBODY = 0;

/** The visit that a request belongs to; a fresh one when its cookie is missing, forged or old. */
export function readSession(world: World, request: IncomingMessage): Session {
  const name = `${cookieName(world)}=`;
  const pairs = (request.headers.cookie ?? "").split(/;\s*/);
  const value = pairs.find((pair) => pair.startsWith(name))?.slice(name.length) ?? "";
  const [id = "", nonce = "", until = "", seal = ""] = value.split(".");
  const isOurs = sameText(seal, mark(world.secret, "session", id, nonce, until));
  if (!isOurs || Date.now() >= Number(until)) return openSession(world, null);
  const viewer = world.tables.accounts.get(Number(id)) ?? null;
  return { viewer, csrf: csrfOf(world, nonce), cookie: value, isNew: false };
}

/** Begins a visit with a name of its own, so that none known before (or planted by somebody else) goes on. */
export function openSession(world: World, viewer: Account | null): Session {
  const nonce = randomBytes(16).toString("base64url");
  const words = [viewer?.id ?? NOBODY, nonce, Date.now() + SESSION_TTL_MS] as const;
  const cookie = [...words, mark(world.secret, "session", ...words)].join(".");
  return { viewer, csrf: csrfOf(world, nonce), cookie, isNew: true };
}

/** The Set-Cookie header of a visit: out of reach for scripts, not sent with other sites' forms. */
export function sessionHeader(world: World, session: Session): string {
  const secure = world.origin().startsWith("https:") ? "; Secure" : "";
  return `${cookieName(world)}=${session.cookie}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

/** Each instance has a name of its own: browsers share cookies among all ports of a host. */
function cookieName(world: World): string {
  return `offline_github_${mark(world.secret, "cookie name").slice(0, 8).replaceAll("-", "_")}`;
}

function csrfOf(world: World, nonce: string): string {
  return mark(world.secret, "csrf", nonce);
}
