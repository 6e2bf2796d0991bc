import { createHash, randomBytes } from "node:crypto";
import type { App } from "../model.ts";
import { sameText } from "../tokens.ts";
import type { World } from "../world.ts";
import type { OAuthCode } from "./rows.ts";

/** What an App asks of a person when it sends them to /login/oauth/authorize. */
export type AuthorizeRequest = {
  app: App;
  redirectUri: string;
  state: string | null;
  codeChallenge: string | null;
  /** The login that the App expects; only a suggestion. */
  login: string | null;
};

export type ReadRequest =
  | { ok: true; request: AuthorizeRequest }
  | { ok: false; status: 400 | 404; title: string; hint: string };

/** docs.github.com, "Generating a user access token": a code expires after ten minutes. */
const CODE_TTL_MS = 10 * 60_000;
const CODE_BYTES = 10;
/** RFC 7636, 4.2: base64url of a SHA-256 without padding. */
const CHALLENGE = /^[\w-]{43}$/;

/** Reads and judges the query of the authorize page. Nobody is ever sent to an address that the App has not registered. */
export function readAuthorizeRequest(world: World, query: URLSearchParams): ReadRequest {
  const clientId = query.get("client_id") ?? "";
  const app = [...world.tables.apps.all()].find((row) => row.clientId === clientId);
  if (app === undefined)
    return wrong(404, "There is no App with this client_id.", "Check the client id of the App.");
  const registered = app.callbackUrls ?? [];
  const redirectUri = query.get("redirect_uri") ?? registered[0];
  if (redirectUri === undefined || !registered.includes(redirectUri)) {
    return wrong(
      400,
      "The redirect_uri is not associated with this application.",
      "It must be one of the callback URLs of the App, to the letter.",
    );
  }
  const codeChallenge = query.get("code_challenge");
  if (
    codeChallenge !== null &&
    (query.get("code_challenge_method") !== "S256" || !CHALLENGE.test(codeChallenge))
  )
    return wrong(400, "The code_challenge is not one of method S256.", "Plain challenges are not supported.");
  const { state, login } = { state: query.get("state"), login: query.get("login") };
  return { ok: true, request: { app, redirectUri, state, codeChallenge, login } };
}

/** Where the person goes after approving: the callback with a fresh code and the App's state. */
export function approvedLocation(world: World, request: AuthorizeRequest, userId: number): string {
  for (const old of world.tables.oauthCodes.all()) {
    if (Date.now() >= old.expiresAt) world.tables.oauthCodes.delete(old.id);
  }
  const { id } = world.tables.oauthCodes.put({
    id: randomBytes(CODE_BYTES).toString("hex"),
    appId: request.app.id,
    userId,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    expiresAt: Date.now() + CODE_TTL_MS,
  });
  return located(request, { code: id });
}

/** Where the person goes after refusing. */
export function deniedLocation(request: AuthorizeRequest): string {
  return located(request, {
    error: "access_denied",
    error_description: "The user has denied your application access.",
    error_uri: "/apps/building-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
  });
}

/** Takes a code, which ends it whatever follows. null: unknown, used, expired, or of another App. */
export function takeCode(world: World, app: App, id: string): OAuthCode | null {
  const code = world.tables.oauthCodes.get(id);
  if (code === undefined || code.appId !== app.id) return null;
  world.tables.oauthCodes.delete(id);
  return Date.now() < code.expiresAt ? code : null;
}

/** PKCE: a challenge is met by its verifier alone; where there was none, none may come. */
export function meets(code: OAuthCode, verifier: string | null): boolean {
  if (code.codeChallenge === null || verifier === null) return code.codeChallenge === verifier;
  return sameText(createHash("sha256").update(verifier).digest("base64url"), code.codeChallenge);
}

function located(request: AuthorizeRequest, words: Record<string, string>): string {
  const url = new URL(request.redirectUri);
  for (const [name, value] of Object.entries(words)) url.searchParams.set(name, value);
  if (request.state !== null) url.searchParams.set("state", request.state);
  return url.href;
}

function wrong(status: 400 | 404, title: string, hint: string): ReadRequest {
  return { ok: false, status, title, hint };
}
