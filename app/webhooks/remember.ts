import { isListed } from "../listed.ts";
import type { Log } from "../log.ts";
import type { Repository } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Common } from "./payload.ts";

export type RememberDeps = {
  readonly store: {
    readonly accounts: Pick<Store["accounts"], "get" | "upsert">;
    readonly repositories: Pick<Store["repositories"], "upsert">;
  };
  /** Logins of the accounts this server works for. */
  readonly accounts: readonly string[];
  readonly log: Log;
};

/**
 * Stores account and repository as the payload names them now; ids stay, names are labels. Null when this server does not work for the
 * account: not listed, suspended, or its installation is gone.
 */
export async function remember(
  deps: RememberDeps,
  guid: string,
  payload: Common,
): Promise<Repository | null> {
  const { owner } = payload.repository;
  if (!isListed(deps.accounts, owner.login)) {
    deps.log.warn({ delivery: guid, account: owner.login }, "an account is not in the settings; ignored");
    return null;
  }
  const known = await deps.store.accounts.get(owner.id);
  const installationId = payload.installation.id;
  // GitHub counts installations up: a smaller id is a late delivery of one that is over.
  if (known !== null && known.installationId !== null && installationId < known.installationId) {
    deps.log.info({ delivery: guid, account: owner.login }, "a delivery of an older installation; ignored");
    return null;
  }
  const again = known !== null && known.installationId !== installationId;
  if (known !== null && !again && (known.removedAt !== null || known.suspendedAt !== null)) {
    deps.log.info({ delivery: guid, account: owner.login }, "an installation is gone or suspended; ignored");
    return null;
  }
  await deps.store.accounts.upsert({ id: owner.id, login: owner.login, type: owner.type, installationId });
  return deps.store.repositories.upsert({
    id: payload.repository.id,
    accountId: owner.id,
    owner: owner.login,
    name: payload.repository.name,
    defaultBranch: payload.repository.default_branch,
    private: payload.repository.private,
  });
}
