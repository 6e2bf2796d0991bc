import type { Account, App, Json } from "../model.ts";
import type { World } from "../world.ts";

/** Base of all REST addresses. */
export function apiUrl(world: World, path: string): string {
  return `${world.origin()}/api/v3${path}`;
}

/** An opaque id of the kind that GraphQL uses. */
export function nodeId(type: string, id: number): string {
  return `${type}_${Buffer.from(String(id)).toString("base64url")}`;
}

/** A person, organisation or bot as every payload carries it. */
export function accountShape(world: World, account: Account): Json {
  const url = apiUrl(world, `/users/${encodeURIComponent(account.login)}`);
  const bot = account.type === "Bot";
  const page = bot ? `apps/${account.login.replace("[bot]", "")}` : account.login;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId("U", account.id),
    avatar_url: `${world.origin()}/avatars/u/${account.id}?v=4`,
    gravatar_id: "",
    url,
    html_url: `${world.origin()}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  };
}

/** The account with that id; a missing one is our own mistake. */
export function accountById(world: World, id: number): Account {
  const account = world.tables.accounts.get(id);
  if (account === undefined) throw new Error(`no account ${id}`);
  return account;
}

/** Shape of the account with that id. */
export function accountShapeById(world: World, id: number): Json {
  return accountShape(world, accountById(world, id));
}

/** An App as GET /app and check runs show it. */
export function appShape(world: World, app: App): Json {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId("A", app.id),
    owner: accountShapeById(world, app.ownerId),
    name: app.name,
    description: "",
    external_url: `${world.origin()}/apps/${app.slug}/about`,
    html_url: `${world.origin()}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
  };
}

/** An App's webhook as GET /app/hook/config shows it: the secret only as stars. */
export function hookShape(app: App): Json {
  return {
    content_type: "json",
    insecure_ssl: "0",
    ...(app.webhookSecret === "" ? {} : { secret: "********" }),
    ...(app.webhookUrl === null ? {} : { url: app.webhookUrl }),
  };
}

/** The App with that id; a missing one is our own mistake. */
export function appById(world: World, id: number): App {
  const app = world.tables.apps.get(id);
  if (app === undefined) throw new Error(`no App ${id}`);
  return app;
}
