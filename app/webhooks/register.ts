import type { Probot } from "probot";
import { z } from "zod";
import type { AutoDeps } from "../auto/deps.ts";
import type { DispatchDeps } from "../commands/dispatch.ts";
import type { Store } from "../store/store.ts";
import { onCheckRunActionRequested, onCheckRunRerequested } from "./check-run.ts";
import { onCheckSuiteRerequested } from "./check-suite.ts";
import { onPullRequestLabeled, onPullRequestOpened } from "./auto-run.ts";
import { onInstallation, onRepositoriesRemoved, type InstallationDeps } from "./installation.ts";
import { mayHoldCommands, onIssueComment } from "./issue-comment.ts";
import type { WebhookDelivery } from "./payload.ts";
import {
  hasNewBase,
  onPullRequestClosed,
  onPullRequestEdited,
  onPullRequestSynchronize,
} from "./pull-request.ts";
import type { RememberDeps } from "./remember.ts";

export type WebhookDeps = Omit<DispatchDeps, "store"> &
  Omit<RememberDeps, "store"> &
  Omit<AutoDeps, "store"> &
  InstallationDeps & {
    readonly store: Pick<
      Store,
      "accounts" | "repositories" | "runs" | "leases" | "attempts" | "answers" | "approvals"
    >;
  };

type Handler = (deps: WebhookDeps, delivery: WebhookDelivery) => Promise<void>;

/** Every event that means something to us, by Probot's names, each with its handler. */
const HANDLERS = {
  "issue_comment.created": onIssueComment,
  "pull_request.opened": onPullRequestOpened,
  "pull_request.reopened": onPullRequestOpened,
  "pull_request.ready_for_review": onPullRequestOpened,
  "pull_request.labeled": onPullRequestLabeled,
  "pull_request.closed": onPullRequestClosed,
  "pull_request.edited": onPullRequestEdited,
  "pull_request.synchronize": onPullRequestSynchronize,
  "check_run.rerequested": onCheckRunRerequested,
  "check_run.requested_action": onCheckRunActionRequested,
  "check_suite.rerequested": onCheckSuiteRerequested,
  installation: onInstallation,
  "installation_repositories.removed": onRepositoriesRemoved,
} as const satisfies Readonly<Record<string, Handler>>;

const Action = z.object({ action: z.string() });

/**
 * Every event that means something to us, each with its handler; all others are left alone. A handler is safe to repeat with the same
 * delivery.
 */
export function registerHandlers(probot: Pick<Probot, "on">, deps: WebhookDeps): void {
  for (const name of Object.keys(HANDLERS) as (keyof typeof HANDLERS)[]) {
    const handle: Handler = HANDLERS[name];
    probot.on(name, (context: { readonly id: string; readonly payload: unknown }) =>
      handle(deps, { guid: context.id, payload: context.payload }),
    );
  }
}

/** Whether a handler would do anything: nearly all that GitHub sends is another event, or a comment without a command. */
export function isWanted(event: string, payload: unknown): boolean {
  const parsed = Action.safeParse(payload);
  const name = parsed.success ? `${event}.${parsed.data.action}` : event;
  if (!Object.hasOwn(HANDLERS, name) && !Object.hasOwn(HANDLERS, event)) return false;
  if (name === "issue_comment.created") return mayHoldCommands(payload);
  return name !== "pull_request.edited" || hasNewBase(payload);
}
