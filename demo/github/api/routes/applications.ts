import { Failure, notFound } from "../../http/failure.ts";
import type { App, Token } from "../../model.ts";
import { endToken, revokeGrant, userTokenOf } from "../../oauth/user-tokens.ts";
import { accountShapeById, apiUrl } from "../../shapes/account.ts";
import { now } from "../../world.ts";
import { badCredentials } from "../authenticate.ts";
import type { Call, Reply, Route } from "../router.ts";

const BASE = "/applications/{client_id}";

/** What an App does with people's tokens, proving itself by client id and secret: check, end, end all. */
export const applicationRoutes: readonly Route[] = [
  { method: "POST", path: `${BASE}/token`, access: "anyone", handle: check },
  { method: "DELETE", path: `${BASE}/token`, access: "anyone", handle: end },
  { method: "DELETE", path: `${BASE}/grant`, access: "anyone", handle: endAll },
];

function check(call: Call): Reply {
  const app = clientOf(call);
  const token = userTokenOf(call.world, app, String(call.body["access_token"]));
  if (token === null) throw notFound();
  return { status: 200, json: authorization(call, app, token) };
}

function end(call: Call): Reply {
  endToken(call.world, tokenOf(call, clientOf(call)).id);
  return { status: 204 };
}

function endAll(call: Call): Reply {
  const app = clientOf(call);
  revokeGrant(call.world, app, tokenOf(call, app).userId ?? 0);
  return { status: 204 };
}

function clientOf({ caller, params }: Call): App {
  if (caller.kind !== "client") throw badCredentials();
  if (caller.app.clientId !== params["client_id"]) throw notFound();
  return caller.app;
}

function tokenOf({ world, body }: Call, app: App): Token {
  const token = userTokenOf(world, app, String(body["access_token"]));
  if (token === null) throw new Failure(422, "Validation Failed");
  return token;
}

function authorization({ world }: Call, app: App, token: Token): unknown {
  const url = `${world.origin()}/apps/${app.slug}`;
  const time = world.tables.grants.get(`${app.id}/${token.userId}`)?.createdAt ?? app.createdAt;
  return {
    id: app.id,
    url: apiUrl(world, `/authorizations/${app.id}`),
    scopes: [],
    token: token.id,
    token_last_eight: token.id.slice(-8),
    hashed_token: null,
    app: { client_id: app.clientId, name: app.name, url },
    note: null,
    note_url: null,
    updated_at: time,
    created_at: time,
    fingerprint: null,
    expires_at: now(token.expiresAt),
    user: token.userId === null ? null : accountShapeById(world, token.userId),
  };
}
