import { verify } from "node:crypto";
import { Failure } from "../http/failure.ts";
import type { App, Installation, Token } from "../model.ts";
import { sameText } from "../tokens.ts";
import type { World } from "../world.ts";

/** Whose call it is. */
export type Caller =
  | { kind: "anonymous" }
  | { kind: "app"; app: App }
  | { kind: "installation"; token: Token; installation: Installation; app: App }
  /** A person: by their own token, or by one that an App got from them (`token.appId`). */
  | { kind: "user"; token: Token; userId: number }
  /** An App by its client id and secret: it may only look after people's tokens. */
  | { kind: "client"; app: App };

/** docs.github.com, "Generating a JSON Web Token": at most ten minutes ahead. */
const JWT_MAX_AHEAD_S = 10 * 60;
/** Some drift of clocks is forgiven. */
const JWT_LEEWAY_S = 60;

/** Reads the Authorization header: App JWT, token, or Basic with the token as password. */
export function authenticate(world: World, header: string | undefined): Caller {
  if (header === undefined || header === "") return { kind: "anonymous" };
  const space = header.indexOf(" ");
  const scheme = header.slice(0, space).toLowerCase();
  const rest = header.slice(space + 1).trim();
  const pair = scheme === "basic" ? Buffer.from(rest, "base64").toString() : `:${rest}`;
  const secret = pair.slice(pair.indexOf(":") + 1);
  if (!["bearer", "token", "basic"].includes(scheme)) throw badCredentials();
  const client = clientOf(world, pair.slice(0, pair.indexOf(":")));
  if (client !== undefined) {
    if (!sameText(secret, client.clientSecret)) throw badCredentials();
    return { kind: "client", app: client };
  }
  const token = world.tables.tokens.get(secret);
  if (token !== undefined) return byToken(world, token);
  if (scheme === "bearer" && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret) && !secret.startsWith("ghs_")) {
    return { kind: "app", app: verifyJwt(world, secret) };
  }
  throw badCredentials();
}

/** 401 for anything that proves nothing: wrong, expired or revoked. */
export function badCredentials(): Failure {
  return new Failure(401, "Bad credentials");
}

function clientOf(world: World, clientId: string): App | undefined {
  return clientId === "" ? undefined : [...world.tables.apps.all()].find((row) => row.clientId === clientId);
}

function byToken(world: World, token: Token): Caller {
  if (Date.now() >= token.expiresAt) throw badCredentials();
  if (token.userId !== null) return { kind: "user", token, userId: token.userId };
  const installation = world.tables.installations.get(token.installationId ?? 0);
  const app = installation === undefined ? undefined : world.tables.apps.get(installation.appId);
  if (installation === undefined || app === undefined) throw badCredentials();
  if (installation.suspendedAt !== null) throw new Failure(403, "This installation has been suspended");
  return { kind: "installation", token, installation, app };
}

function verifyJwt(world: World, jwt: string): App {
  const [head = "", body = "", signature = ""] = jwt.split(".");
  const header = decode(head);
  const claims = decode(body);
  if (header === null || claims === null || header["alg"] !== "RS256") {
    throw new Failure(401, "A JSON web token could not be decoded");
  }
  const issuer = String(claims["iss"]);
  const app = [...world.tables.apps.all()].find(
    (row) => String(row.id) === issuer || row.clientId === issuer,
  );
  if (app === undefined) throw new Failure(404, "Integration not found");
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify("RSA-SHA256", signed, app.publicKeyPem, Buffer.from(signature, "base64url"))) {
    throw new Failure(401, "A JSON web token could not be decoded");
  }
  const { exp, iat } = claims;
  const nowS = Date.now() / 1000;
  if (typeof exp !== "number" || exp <= nowS) {
    throw new Failure(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (
    exp > nowS + JWT_MAX_AHEAD_S + JWT_LEEWAY_S ||
    (typeof iat === "number" && exp - iat > JWT_MAX_AHEAD_S + JWT_LEEWAY_S)
  ) {
    throw new Failure(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (typeof iat !== "number" || iat > nowS + JWT_LEEWAY_S) {
    throw new Failure(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  return app;
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(Buffer.from(part, "base64url").toString()) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
