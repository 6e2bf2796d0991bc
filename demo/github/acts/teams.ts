import type { Account, Team } from "../model.ts";
import type { World } from "../world.ts";

/** Puts a person into a team of an organisation (made when it is new), lets them wait for an invitation, or takes them out. */
export function setTeamMember(
  world: World,
  org: Account,
  slug: string,
  person: Account,
  state: Team["members"][string] | null,
): Team {
  const id = teamId(org.id, slug);
  const team = world.tables.teams.get(id) ?? { id, orgId: org.id, slug: slug.toLowerCase(), members: {} };
  const others = Object.entries(team.members).filter(([key]) => key !== String(person.id));
  const mine = state === null ? [] : [[String(person.id), state] as const];
  return world.tables.teams.put({ ...team, members: Object.fromEntries([...others, ...mine]) });
}

/** The key of a team: its organisation and its slug, whatever the case. */
export function teamId(orgId: number, slug: string): string {
  return `${orgId}/${slug.toLowerCase()}`;
}
