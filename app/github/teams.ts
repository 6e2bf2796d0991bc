import { z } from "zod";
import { AppError } from "../errors.ts";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub, RepositoryRef } from "./hub.ts";

const membershipSchema = z.object({ state: z.string() });

export type Teams = {
  /**
   * Whether a person is a member of a team now, by GitHub's own word; one who has not accepted the invitation is none, nor is anybody
   * of a team that is not there. Throws not_allowed where the App may not read members, else as `read` does.
   */
  isMember(
    repository: Pick<RepositoryRef, "installationId">,
    team: { readonly org: string; readonly slug: string },
    login: string,
    signal?: AbortSignal,
  ): Promise<boolean>;
};

/** Teams over GitHub's API; nothing is remembered. */
export function createTeams(hub: Hub): Teams {
  return {
    async isMember(repository, team, login, signal) {
      try {
        const { state } = await read(hub.calls, {
          what: "read team membership",
          ...as(repository.installationId),
          reply: membershipSchema,
          signal,
          send: (rest, options) =>
            rest.teams.getMembershipForUserInOrg({
              org: team.org,
              team_slug: team.slug,
              username: login,
              ...options,
            }),
        });
        return state === "active";
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.code === "github_gone") return false;
        throw thrown;
      }
    },
  };
}
