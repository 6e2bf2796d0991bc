import { autoRun } from "../auto/auto-run.ts";
import type { AutoDeps } from "../auto/deps.ts";
import { refuseRetargeted } from "../commands/retargeted.ts";
import { supersede } from "../commands/superseded.ts";
import { windDown, type WindDownDeps } from "../commands/wind-down.ts";
import {
  PullRequestClosed,
  PullRequestEdited,
  PullRequestSynchronize,
  readPayload,
  type WebhookDelivery,
} from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

/** GitHub's clock and ours may differ by this much before a run counts as made after the pull request was opened again. */
const CLOCK_SKEW_MS = 60_000;

/** `pull_request.closed`: its runs are cancelled, its leases released. */
export async function onPullRequestClosed(
  deps: WindDownDeps & RememberDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(PullRequestClosed, delivery);
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const { closed_at: closedAt, number } = payload.pull_request;
  const ended = await windDown(deps, {
    scope: { repositoryId: repository.id, pullRequest: number },
    reason: "pull_request_closed",
    by: payload.sender.login,
    sentence: `${payload.sender.login} closed the pull request.`,
    madeBefore: closedAt === null || closedAt === undefined ? null : closedAt + CLOCK_SKEW_MS,
  });
  deps.log.info({ delivery: delivery.guid, pullRequest: number, ...ended }, "a pull request was closed");
}

/** `pull_request.synchronize`: queued runs of older commits are cancelled, running ones go on; automatic runs start for the new one. */
export async function onPullRequestSynchronize(
  deps: WindDownDeps & RememberDeps & AutoDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(PullRequestSynchronize, delivery);
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const { number, updated_at: at } = payload.pull_request;
  const of = { repositoryId: repository.id, pullRequest: number };
  const { before, after, sender } = payload;
  const superseded = await supersede(deps, of, { before, after, at, by: sender.login });
  const started = await autoRun(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    pullRequest: number,
    headSha: after,
    sender: { ...sender, viaAppId: null },
    cause: { kind: "push", isNew: true },
  });
  const told = { delivery: delivery.guid, pullRequest: number, superseded, auto: started };
  deps.log.info(told, "a pull request was pushed to");
}

/** `pull_request.edited` with another base: runs of a fork's code that wait end, because their approval was for the old one. */
export async function onPullRequestEdited(
  deps: WindDownDeps & RememberDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(PullRequestEdited, delivery);
  if (payload.changes?.base === undefined) return;
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const { number: pullRequest, base } = payload.pull_request;
  const of = { repositoryId: repository.id, pullRequest };
  const refused = await refuseRetargeted(deps, of, { baseRef: base.ref, by: payload.sender.login });
  deps.log.info({ delivery: delivery.guid, pullRequest, refused }, "a pull request got another base");
}

/** False when surely only title or text was edited. */
export function hasNewBase(payload: unknown): boolean {
  const parsed = PullRequestEdited.safeParse(payload);
  // What has another shape is for the handler to judge.
  return !parsed.success || parsed.data.changes?.base !== undefined;
}
