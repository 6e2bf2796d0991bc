import type { Probot } from "probot";
import type { DispatchDeps } from "../commands/dispatch.ts";
import type { Store } from "../store/store.ts";
import { onCheckRunRerequested } from "./check-run.ts";
import { onCheckSuiteRerequested } from "./check-suite.ts";
import { onInstallation, onRepositoriesRemoved } from "./installation.ts";
import { onIssueComment } from "./issue-comment.ts";
import type { WebhookDelivery } from "./payload.ts";
import { onPullRequestClosed, onPullRequestSynchronize } from "./pull-request.ts";
import type { RememberDeps } from "./remember.ts";

export type WebhookDeps = Omit<DispatchDeps, "store"> &
  Omit<RememberDeps, "store"> & {
    readonly store: Pick<Store, "accounts" | "repositories" | "runs" | "leases" | "attempts" | "answers">;
  };

/**
 * Every event that means something to us, each with its handler; all others are left alone (`check_run.requested_action` too: we show no
 * buttons yet). A handler is safe to repeat with the same delivery.
 */
export function registerHandlers(probot: Pick<Probot, "on">, deps: WebhookDeps): void {
  const handled =
    (handle: (deps: WebhookDeps, delivery: WebhookDelivery) => Promise<void>) =>
    (context: { readonly id: string; readonly payload: unknown }) =>
      handle(deps, { guid: context.id, payload: context.payload });

  probot.on("issue_comment.created", handled(onIssueComment));
  probot.on("pull_request.closed", handled(onPullRequestClosed));
  probot.on("pull_request.synchronize", handled(onPullRequestSynchronize));
  probot.on("check_run.rerequested", handled(onCheckRunRerequested));
  probot.on("check_suite.rerequested", handled(onCheckSuiteRerequested));
  probot.on("installation", handled(onInstallation));
  probot.on("installation_repositories.removed", handled(onRepositoriesRemoved));
}
