import type { DispatchDeps } from "../commands/dispatch.ts";
import { isRunId } from "../commands/find-run.ts";
import { rerunRequested } from "../commands/rerun-request.ts";
import { CheckRunRerequested, readPayload, type WebhookDelivery } from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

/** `check_run.rerequested`: somebody clicked "Re-run" at one of our checks. */
export async function onCheckRunRerequested(
  deps: DispatchDeps & RememberDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(CheckRunRerequested, delivery);
  const { app, external_id: externalId } = payload.check_run;
  if (app?.id !== deps.appId) return;
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const run = isRunId(externalId ?? "") ? await deps.store.runs.get(externalId as `run_${string}`) : null;
  if (run === null || run.repositoryId !== repository.id) {
    deps.log.info({ delivery: delivery.guid, externalId }, "a re-run was asked for a run that is not known");
    return;
  }
  const queued = await rerunRequested(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    sender: { ...payload.sender, viaAppId: null },
    runs: [{ part: "0", run }],
  });
  deps.log.info({ delivery: delivery.guid, run: run.id, queued }, "a re-run was asked for");
}
