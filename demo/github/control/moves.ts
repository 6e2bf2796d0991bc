import { accountByLogin } from "../acts/accounts.ts";
import { deleteRepository, setArchived, transferRepository } from "../acts/moves.ts";
import { retargetPull } from "../acts/pulls.ts";
import { setTeamMember } from "../acts/teams.ts";
import type { World } from "../world.ts";
import type { ControlHandlers } from "./contract.ts";
import { pullByRef, repoByName } from "./find.ts";

type Names = "deleteRepository" | "transferRepository" | "setArchived" | "retargetPull" | "setTeamMember";

/** What happens to repositories and pull requests behind a run's back, and who is in which team. */
export function moveHandlers(world: World): ControlHandlers<Names> {
  return {
    deleteRepository: async ({ repo }) => {
      await deleteRepository(world, repoByName(world, repo));
      return {};
    },
    transferRepository: ({ repo, owner, type }) =>
      transferRepository(world, repoByName(world, repo), owner, type ?? "Organization"),
    setArchived: ({ repo, archived }) => setArchived(world, repoByName(world, repo), archived),
    retargetPull: ({ repo, number, login, base }) =>
      retargetPull(world, pullByRef(world, { repo, number }), accountByLogin(world, login), base),
    setTeamMember: ({ org, team, login, state }) =>
      setTeamMember(world, accountByLogin(world, org), team, accountByLogin(world, login), state),
  };
}
