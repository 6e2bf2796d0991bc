import { notFound } from "../../http/failure.ts";
import type { Account, App, Installation, Repository } from "../../model.ts";
import { accountById, accountShape, appById } from "../../shapes/account.ts";
import { installationShape } from "../../shapes/installation.ts";
import { fullName, repositoryShape } from "../../shapes/repository.ts";
import type { World } from "../../world.ts";
import { covers, explicitRole, flagsOf, notAccessible } from "../access.ts";
import { badCredentials } from "../authenticate.ts";
import { paginate } from "../pagination.ts";
import type { Call, Route } from "../router.ts";

/** What a person's token tells: who they are, and what they reach of the App's installations. */
export const userRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/user",
    access: "anyone",
    handle: (call) => {
      const person = personOf(call);
      const times = { created_at: person.createdAt, updated_at: person.createdAt };
      return { status: 200, json: { ...accountShape(call.world, person), ...PROFILE, ...times } };
    },
  },
  {
    method: "GET",
    path: "/user/installations",
    access: "anyone",
    handle: (call) => {
      const { world } = call;
      const person = personOf(call);
      const app = appOf(call);
      const mine = [...world.tables.installations.all()].filter(
        (row) => row.appId === app.id && reaches(world, row, person),
      );
      const page = paginate(call, mine);
      const installations = page.items.map((row) => installationShape(world, row));
      return { status: 200, json: { total_count: mine.length, installations }, headers: page.headers };
    },
  },
  {
    method: "GET",
    path: "/user/installations/{installation_id}/repositories",
    access: "anyone",
    handle: (call) => {
      const { world, params } = call;
      const person = personOf(call);
      const app = appOf(call);
      const installation = world.tables.installations.get(Number(params["installation_id"]));
      if (
        installation === undefined ||
        installation.appId !== app.id ||
        !reaches(world, installation, person)
      )
        throw notFound();
      const all = reachable(world, installation, person);
      const page = paginate(call, all);
      const repositories = page.items.map((row) => {
        const permissions = flagsOf(explicitRole(row, person.id));
        return Object.assign(repositoryShape(world, row), { permissions });
      });
      const selection = installation.repositoryIds === null ? "all" : "selected";
      const json = { total_count: all.length, repository_selection: selection, repositories };
      return { status: 200, json, headers: page.headers };
    },
  },
];

const PROFILE = {
  name: null,
  company: null,
  blog: "",
  location: null,
  email: null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
};

function personOf({ world, caller }: Call): Account {
  if (caller.kind === "user") return accountById(world, caller.userId);
  if (caller.kind === "anonymous") throw badCredentials();
  throw notAccessible();
}

/** Only a token given to an App has installations: GitHub refuses a person's own with 403. */
function appOf({ world, caller }: Call): App {
  const appId = caller.kind === "user" ? caller.token.appId : undefined;
  if (appId === undefined) throw notAccessible();
  return appById(world, appId);
}

/** docs.github.com: installations "that the authenticated user has explicit permission to access"; public is not explicit. */
function reaches(world: World, installation: Installation, person: Account): boolean {
  if (installation.accountId === person.id) return true;
  return reachable(world, installation, person).length > 0;
}

function reachable(world: World, installation: Installation, person: Account): Repository[] {
  return world.tables
    .repositoriesByOwner(installation.accountId)
    .filter((row) => covers(installation, row) && explicitRole(row, person.id) !== null)
    .sort((a, b) => fullName(world, a).localeCompare(fullName(world, b)));
}
