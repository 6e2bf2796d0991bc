import type { Account } from "../model.ts";
import type { World } from "../world.ts";

/** Whether a person decides for an account: their own, or an organisation in which they administer a repository. */
export function ownsAccount(world: World, account: Account, person: Account): boolean {
  if (account.id === person.id) return true;
  if (account.type !== "Organization") return false;
  return (
    account.ownerIds?.includes(person.id) === true ||
    world.tables.repositoriesByOwner(account.id).some((row) => row.roles[String(person.id)] === "admin")
  );
}

/** The accounts that a person decides for, their own last: organisations are what Apps are installed on. */
export function ownedAccounts(world: World, person: Account): Account[] {
  const others = [...world.tables.accounts.all()].filter(
    (row) => row.id !== person.id && ownsAccount(world, row, person),
  );
  return [...others, person];
}
