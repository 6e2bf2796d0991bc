import { autoRun } from "../auto/auto-run.ts";
import type { AutoDeps } from "../auto/deps.ts";
import { PullRequestLabeled, PullRequestOpened, readPayload, type WebhookDelivery } from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

type Deps = AutoDeps & RememberDeps;

/** `pull_request.opened`, `.reopened`, `.ready_for_review`: automatic runs of its head, where it has none yet. */
export async function onPullRequestOpened(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const payload = readPayload(PullRequestOpened, delivery);
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const { number: pullRequest, head } = payload.pull_request;
  const auto = await autoRun(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    pullRequest,
    headSha: head.sha,
    sender: { ...payload.sender, viaAppId: null },
    cause: { kind: "push", isNew: payload.action === "opened" },
  });
  deps.log.info({ delivery: delivery.guid, pullRequest, auto }, `a pull request was ${payload.action}`);
}

/** `pull_request.labeled`: what waits for that label, when whoever put it may start runs. */
export async function onPullRequestLabeled(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const payload = readPayload(PullRequestLabeled, delivery);
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const { number: pullRequest, head } = payload.pull_request;
  const auto = await autoRun(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    pullRequest,
    headSha: head.sha,
    sender: { ...payload.sender, viaAppId: null },
    cause: { kind: "label", label: payload.label.name },
  });
  deps.log.info({ delivery: delivery.guid, pullRequest, auto }, "a pull request was labeled");
}
