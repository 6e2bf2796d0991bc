import { randomUUID } from "node:crypto";
import { covers, holds } from "../api/access.ts";
import type { Need } from "../api/access.ts";
import type { Account, App, Installation, Json, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { accountById, accountShape, nodeId } from "../shapes/account.ts";
import { installationShape } from "../shapes/installation.ts";
import { repositoryShape } from "../shapes/repository.ts";

/** Something that happened in a repository. */
export type Happening = {
  event: string;
  action: string | null;
  repository: Repository;
  sender: Account;
  payload: Json;
  /** Only this App hears of it (Re-run, buttons, its own suites). */
  onlyAppId?: number;
};

/** The permission that an App needs to hear of an event, and whether it needs no subscription. */
const HEARD: Record<string, Need> = {
  issue_comment: ["issues", "read"],
  pull_request: ["pull_requests", "read"],
  push: ["contents", "read"],
  check_run: ["checks", "read"],
  check_suite: ["checks", "read"],
};
/** docs.github.com: Apps with checks:write hear of these without a subscription. */
const UNASKED = new Set([
  "check_run.rerequested",
  "check_run.requested_action",
  "check_suite.requested",
  "check_suite.rerequested",
]);

/** Sends a happening to every installation that may and wants to hear of it. */
export function emit(world: World, happening: Happening): void {
  const { event, action, repository, sender } = happening;
  const owner = accountById(world, repository.ownerId);
  for (const installation of world.tables.installationsByAccount(owner.id)) {
    if (!hears(installation, happening)) continue;
    const payload: Json = {
      ...(action === null ? {} : { action }),
      ...happening.payload,
      repository: repositoryPayload(world, event, repository),
      ...(owner.type === "Organization" ? { organization: organizationShape(world, owner) } : {}),
      sender: accountShape(world, sender),
      installation: { id: installation.id, node_id: nodeId("I", installation.id) },
    };
    deliver(world, {
      event,
      action,
      payload,
      installation,
      appId: installation.appId,
      repositoryId: repository.id,
    });
  }
}

/** Tells an App about its installation. */
export function emitInstallation(
  world: World,
  action: "created" | "deleted" | "suspend" | "unsuspend",
  installation: Installation,
  sender: Account,
): void {
  const repositories = world.tables
    .repositoriesByOwner(installation.accountId)
    .filter((repository) => covers(installation, repository))
    .map((repository) => ({
      id: repository.id,
      node_id: nodeId("R", repository.id),
      name: repository.name,
      full_name: `${accountById(world, repository.ownerId).login}/${repository.name}`,
      private: repository.private,
    }));
  const payload: Json = {
    action,
    installation: installationShape(world, installation),
    repositories,
    ...(action === "created" ? { requester: null } : {}),
    sender: accountShape(world, sender),
  };
  const { appId } = installation;
  deliver(world, { event: "installation", action, payload, installation, appId, repositoryId: null });
}

/** Tells an App that a person no longer lets it act for them; it needs no subscription. */
export function emitAuthorizationRevoked(world: World, app: App, person: Account): void {
  const payload: Json = { action: "revoked", sender: accountShape(world, person) };
  deliver(world, {
    event: "github_app_authorization",
    action: "revoked",
    payload,
    installation: null,
    appId: app.id,
    repositoryId: null,
  });
}

/** The first delivery to a new webhook. */
export function emitPing(world: World, app: App): void {
  const time = app.createdAt;
  const payload: Json = {
    zen: "Keep it logically awesome.",
    hook_id: app.id,
    hook: {
      type: "App",
      id: app.id,
      name: "web",
      active: true,
      events: app.events,
      config: { content_type: "json", insecure_ssl: "0", secret: "********", url: app.webhookUrl ?? "" },
      updated_at: time,
      created_at: time,
      app_id: app.id,
    },
  };
  deliver(world, {
    event: "ping",
    action: null,
    payload,
    installation: null,
    appId: app.id,
    repositoryId: null,
  });
}

type Outgoing = {
  event: string;
  action: string | null;
  payload: Json;
  installation: Installation | null;
  appId: number;
  repositoryId: number | null;
};

function deliver(
  world: World,
  { event, action, payload, installation, appId, repositoryId }: Outgoing,
): void {
  const wrong = world.contracts.webhook(event, action, payload);
  if (wrong !== null) world.journal.violation("webhook", `${event} ${action ?? ""}`, wrong);
  const body = JSON.stringify(payload);
  const installationId = installation?.id ?? null;
  const guid = randomUUID();
  world.hooks.send({ guid, event, action, body, appId, installationId, repositoryId, signature: "good" });
}

function hears(installation: Installation, happening: Happening): boolean {
  const { event, action, repository, onlyAppId } = happening;
  if (onlyAppId !== undefined && onlyAppId !== installation.appId) return false;
  if (installation.suspendedAt !== null || !covers(installation, repository)) return false;
  const unasked = UNASKED.has(`${event}.${action}`);
  if (unasked) return holds(installation.permissions, ["checks", "write"]);
  if (!installation.events.includes(event)) return false;
  const need = HEARD[event];
  const pulls = event === "issue_comment" && holds(installation.permissions, ["pull_requests", "read"]);
  return pulls || (need !== undefined && holds(installation.permissions, need));
}

function organizationShape(world: World, owner: Account): Json {
  const shape = accountShape(world, owner);
  const url = String(shape["url"]).replace("/users/", "/orgs/");
  return {
    login: owner.login,
    id: owner.id,
    node_id: shape["node_id"],
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: shape["avatar_url"],
    description: null,
  };
}

/** A push carries times of its repository as seconds, as it always did. */
function repositoryPayload(world: World, event: string, repository: Repository): Json {
  const shape = repositoryShape(world, repository);
  if (event !== "push") return shape;
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
  const login = accountById(world, repository.ownerId).login;
  return {
    ...shape,
    owner: { ...(shape["owner"] as Json), name: login, email: null },
    created_at: seconds(repository.createdAt),
    pushed_at: seconds(repository.pushedAt),
    stargazers: 0,
    master_branch: repository.defaultBranch,
  };
}
