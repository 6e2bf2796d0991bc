import { teamId } from "../../acts/teams.ts";
import { notFound } from "../../http/failure.ts";
import { apiUrl } from "../../shapes/account.ts";
import { holds, notAccessible } from "../access.ts";
import type { Route } from "../router.ts";

/** Teams of organisations: who is in one. */
export const teamRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/orgs/{org}/teams/{team_slug}/memberships/{username}",
    access: "installation",
    handle: ({ world, caller, params }) => {
      const org = world.tables.accountsByLogin((params["org"] ?? "").toLowerCase())[0];
      // Another organisation's teams are not the installation's to see.
      if (caller.kind !== "installation" || org?.id !== caller.installation.accountId) throw notFound();
      if (!holds(caller.token.permissions, ["members", "read"])) throw notAccessible();
      const login = params["username"] ?? "";
      const person = world.tables.accountsByLogin(login.toLowerCase())[0];
      const team = world.tables.teams.get(teamId(org.id, params["team_slug"] ?? ""));
      const state = person === undefined ? undefined : team?.members[String(person.id)];
      if (team === undefined || state === undefined) throw notFound();
      const url = apiUrl(world, `/orgs/${org.login}/teams/${team.slug}/memberships/${login}`);
      return { status: 200, json: { url, role: "member", state } };
    },
  },
];
