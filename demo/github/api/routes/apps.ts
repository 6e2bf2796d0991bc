import { Failure, notFound } from "../../http/failure.ts";
import type { Installation, Permissions, Repository } from "../../model.ts";
import { appShape, hookShape } from "../../shapes/account.ts";
import { installationShape } from "../../shapes/installation.ts";
import { fullName, repositoryShape } from "../../shapes/repository.ts";
import { mkInstallationToken } from "../../tokens.ts";
import { now } from "../../world.ts";
import type { World } from "../../world.ts";
import { covers, findRepository, holds } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import { paginate } from "../pagination.ts";
import type { Call, Reply, Route } from "../router.ts";

/** docs.github.com, "Generating an installation access token": repositories named in one token. */
const TOKEN_REPOSITORIES_LIMIT = 500;

/** The App itself, its installations and their tokens. */
export const appRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/app",
    access: "app",
    handle: ({ world, caller }) =>
      ok({ ...appShape(world, own(caller).app), installations_count: count(world, caller) }),
  },
  {
    method: "GET",
    path: "/app/hook/config",
    access: "app",
    handle: ({ caller }) => ok(hookShape(own(caller).app)),
  },
  {
    method: "GET",
    path: "/app/installations",
    access: "app",
    handle: (call) => {
      const page = paginate(call, mine(call.world, call.caller));
      return { ...ok(page.items.map((row) => installationShape(call.world, row))), headers: page.headers };
    },
  },
  {
    method: "GET",
    path: "/app/installations/{installation_id}",
    access: "app",
    handle: (call) => ok(installationShape(call.world, installationOf(call))),
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/installation",
    access: "app",
    handle: ({ world, caller, params }) => {
      const repository = findRepository(world, params["owner"] ?? "", params["repo"] ?? "");
      const found = mine(world, caller).find((row) => repository !== undefined && covers(row, repository));
      if (found === undefined) throw notFound();
      return ok(installationShape(world, found));
    },
  },
  {
    method: "POST",
    path: "/app/installations/{installation_id}/access_tokens",
    access: "app",
    handle: createToken,
  },
  {
    method: "DELETE",
    path: "/installation/token",
    access: "installation",
    handle: ({ world, caller }) => {
      if (caller.kind === "installation") world.tables.tokens.delete(caller.token.id);
      return { status: 204 };
    },
  },
  {
    method: "GET",
    path: "/installation/repositories",
    access: "installation",
    handle: (call) => {
      const all = reachable(call.world, call.caller);
      const page = paginate(call, all);
      const repositories = page.items.map((row) => repositoryShape(call.world, row));
      const body = { total_count: all.length, repository_selection: "selected", repositories };
      return { ...ok(body), headers: page.headers };
    },
  },
];

function createToken(call: Call): Reply {
  const { world, body } = call;
  const installation = installationOf(call);
  if (installation.suspendedAt !== null) throw new Failure(403, "This installation has been suspended");
  const permissions = narrow(installation, body["permissions"] as Permissions | undefined);
  const repositories = chosen(
    world,
    installation,
    body["repositories"] as string[] | undefined,
    body["repository_ids"] as number[] | undefined,
  );
  const expiresAt = Date.now() + world.settings().tokenTtlMs;
  const claims = { iss: "github", sub: installation.id, exp: Math.floor(expiresAt / 1000) };
  const id = mkInstallationToken(world.secret, installation.appId, claims);
  world.tables.tokens.put({
    id,
    installationId: installation.id,
    userId: null,
    permissions,
    repositoryIds: repositories?.map((row) => row.id) ?? null,
    expiresAt,
  });
  const selected = repositories !== null || installation.repositoryIds !== null;
  return {
    status: 201,
    json: {
      token: id,
      expires_at: now(expiresAt),
      permissions,
      repository_selection: selected ? "selected" : "all",
      ...(repositories === null
        ? {}
        : { repositories: repositories.map((row) => repositoryShape(world, row)) }),
    },
  };
}

function narrow(installation: Installation, asked: Permissions | undefined): Permissions {
  if (asked === undefined) return installation.permissions;
  for (const need of Object.entries(asked)) {
    if (!holds(installation.permissions, need)) {
      throw new Failure(422, "The permissions requested are not granted to this installation.");
    }
  }
  // Reading metadata comes with every token.
  return { metadata: "read", ...asked };
}

function chosen(
  world: World,
  installation: Installation,
  names: string[] | undefined,
  ids: number[] | undefined,
): Repository[] | null {
  if (names === undefined && ids === undefined) return null;
  const granted = world.tables
    .repositoriesByOwner(installation.accountId)
    .filter((row) => covers(installation, row));
  const byName = (names ?? []).map((name) =>
    granted.find((row) => row.name.toLowerCase() === name.toLowerCase()),
  );
  const byId = (ids ?? []).map((id) => granted.find((row) => row.id === id));
  const found = [...byName, ...byId].filter((row) => row !== undefined);
  if (found.length > TOKEN_REPOSITORIES_LIMIT) throw new Failure(422, "Too many repositories.");
  if (found.length !== byName.length + byId.length) {
    throw new Failure(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return [...new Set(found)];
}

function reachable(world: World, caller: Caller): Repository[] {
  if (caller.kind !== "installation") return [];
  const { installation, token } = caller;
  const rows = world.tables
    .repositoriesByOwner(installation.accountId)
    .filter((row) => covers(installation, row));
  const narrowed = token.repositoryIds;
  const seen = narrowed === null ? rows : rows.filter((row) => narrowed.includes(row.id));
  return seen.sort((a, b) => fullName(world, a).localeCompare(fullName(world, b)));
}

function own(caller: Caller): Extract<Caller, { kind: "app" }> {
  if (caller.kind !== "app") throw notFound();
  return caller;
}

function mine(world: World, caller: Caller): Installation[] {
  const { id } = own(caller).app;
  return [...world.tables.installations.all()].filter((row) => row.appId === id);
}

function count(world: World, caller: Caller): number {
  return mine(world, caller).length;
}

function installationOf({ world, caller, params }: Call): Installation {
  const found = world.tables.installations.get(Number(params["installation_id"]));
  if (found === undefined || found.appId !== own(caller).app.id) throw notFound();
  return found;
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}
