import { windDown, type WindDownDeps } from "../commands/wind-down.ts";
import {
  InstallationChanged,
  InstallationRepositories,
  readPayload,
  type WebhookDelivery,
} from "./payload.ts";
import type { RememberDeps } from "./remember.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../clock.ts";
import type { InstallationState } from "../github/app-info.ts";
import { isListed } from "../listed.ts";

export type InstallationDeps = {
  /** Asked of GitHub. */
  readonly installationState: (id: number) => Promise<InstallationState>;
};

type Deps = WindDownDeps &
  RememberDeps &
  InstallationDeps & {
    readonly store: { readonly accounts: Pick<Store["accounts"], "mark"> };
    readonly clock: Pick<Clock, "now">;
  };

/**
 * `installation`: created, deleted, suspend, unsuspend. A delivery only says that something changed; what the installation is now,
 * GitHub is asked: deliveries come out of order, and lost ones minutes later. When it goes, everything of the account is cancelled
 * and released: nobody could be told any more, and boxes cost. Safe to repeat.
 */
export async function onInstallation(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const { action, installation, sender } = readPayload(InstallationChanged, delivery);
  const { account } = installation;
  // What is deleted stays so: a new installation has another id.
  const what = action === "deleted" ? "removed" : await deps.installationState(installation.id);
  deps.log.info({ delivery: delivery.guid, account: account.login, action, what }, "an installation changed");
  if (what === "active") {
    if (!isListed(deps.accounts, account.login)) {
      deps.log.warn({ account: account.login }, "installed by an account that is not in the settings");
      return;
    }
    const known = await deps.store.accounts.upsert({ ...account, installationId: installation.id });
    for (const [mark, at] of [
      ["suspended", known.suspendedAt],
      ["removed", known.removedAt],
    ] as const)
      if (at !== null) await deps.store.accounts.mark(account.id, installation.id, mark, null);
    return;
  }
  // Its end has a delivery of its own; and GitHub may not yet show everywhere what it just made.
  if (action === "created" || action === "unsuspend") return;
  const known = await deps.store.accounts.get(account.id);
  // The end of an older installation says nothing about a newer one.
  if (known === null || (known.installationId ?? installation.id) !== installation.id) return;
  // Asked again in the same write: a newer installation may have come since the look above.
  if (!(await deps.store.accounts.mark(account.id, known.installationId, what, deps.clock.now()))) return;
  await windDown(deps, {
    scope: { accountId: account.id },
    reason: "installation_removed",
    by: sender.login,
    sentence: `${sender.login} ${what} the App's installation.`,
    madeBefore: null,
  });
}

/** `installation_repositories.removed`: the same for single repositories. */
export async function onRepositoriesRemoved(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const payload = readPayload(InstallationRepositories, delivery);
  for (const { id } of payload.repositories_removed) {
    await windDown(deps, {
      scope: { repositoryId: id },
      reason: "installation_removed",
      by: payload.sender.login,
      sentence: `${payload.sender.login} took the repository from the App's installation.`,
      madeBefore: null,
    });
  }
}
