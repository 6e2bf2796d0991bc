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
import { isListed } from "../listed.ts";

type Deps = WindDownDeps &
  RememberDeps & {
    readonly store: { readonly accounts: Pick<Store["accounts"], "mark"> };
    readonly clock: Pick<Clock, "now">;
  };

/**
 * `installation`: created, deleted, suspend, unsuspend. When it goes, everything of the account is cancelled and released: nobody could
 * be told any more, and boxes cost.
 */
export async function onInstallation(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const { action, installation, sender } = readPayload(InstallationChanged, delivery);
  const { account } = installation;
  deps.log.info({ delivery: delivery.guid, account: account.login, action }, "an installation changed");
  const known = await deps.store.accounts.get(account.id);
  // Deliveries come out of order: the end of an older installation says nothing about a newer one.
  const current = known !== null && (known.installationId ?? installation.id) === installation.id;
  switch (action) {
    case "created":
    case "unsuspend": {
      if (!isListed(deps.accounts, account.login)) {
        deps.log.warn({ account: account.login }, "installed by an account that is not in the settings");
        return;
      }
      if (current && action === "created" && known.removedAt !== null) return;
      await deps.store.accounts.upsert({ ...account, installationId: installation.id });
      await deps.store.accounts.mark(account.id, installation.id, "suspended", null);
      if (action === "created") await deps.store.accounts.mark(account.id, installation.id, "removed", null);
      return;
    }
    case "deleted":
    case "suspend": {
      if (!current) return;
      const what = action === "deleted" ? "removed" : "suspended";
      // Asked again in the same write: a newer installation may have come since the look above.
      if (!(await deps.store.accounts.mark(account.id, known.installationId, what, deps.clock.now()))) return;
      await windDown(deps, {
        scope: { accountId: account.id },
        reason: "installation_removed",
        by: sender.login,
        sentence: `${sender.login} ${action === "deleted" ? "removed" : "suspended"} the App's installation.`,
        madeBefore: null,
      });
      return;
    }
    default:
      // `new_permissions_accepted` and what may come: nothing of ours depends on it.
      return;
  }
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
