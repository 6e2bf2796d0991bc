import type { DispatchDeps } from "../commands/dispatch.ts";
import { isRunId } from "../commands/find-run.ts";
import { press, type PressDeps } from "../commands/press.ts";
import { rerunRequested } from "../commands/rerun-request.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { Common } from "./payload.ts";
import {
  CheckRunActionRequested,
  CheckRunRerequested,
  readPayload,
  type WebhookDelivery,
} from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

type ActionDeps = Omit<DispatchDeps, "store"> &
  Omit<RememberDeps, "store"> & { readonly store: PressDeps["store"] & RememberDeps["store"] };

/** `check_run.rerequested`: somebody clicked "Re-run" at one of our checks. */
export async function onCheckRunRerequested(
  deps: DispatchDeps & RememberDeps,
  delivery: WebhookDelivery,
): Promise<void> {
  const payload = readPayload(CheckRunRerequested, delivery);
  const ours = await ourRun(deps, delivery.guid, payload);
  if (ours === null) return;
  const queued = await rerunRequested(deps, {
    ...ours,
    guid: delivery.guid,
    installationId: payload.installation.id,
    sender: { ...payload.sender, viaAppId: null },
    runs: [{ part: "0", run: ours.run }],
  });
  deps.log.info({ delivery: delivery.guid, run: ours.run.id, queued }, "a re-run was asked for");
}

/** `check_run.requested_action`: somebody pressed a button at one of our checks. */
export async function onCheckRunActionRequested(deps: ActionDeps, delivery: WebhookDelivery): Promise<void> {
  const payload = readPayload(CheckRunActionRequested, delivery);
  const ours = await ourRun(deps, delivery.guid, payload);
  if (ours === null) return;
  const { identifier } = payload.requested_action;
  const pressed = await press(deps, {
    ...ours,
    guid: delivery.guid,
    installationId: payload.installation.id,
    sender: { ...payload.sender, viaAppId: null },
    identifier,
  });
  deps.log.info(
    { delivery: delivery.guid, run: ours.run.id, identifier, ...pressed },
    "a button was pressed",
  );
}

/**
 * The run behind a check run: this App's own, bound by the external id that only this App can give, and of the repository that the payload is
 * about. Whether GitHub names a pull request does not matter: for those of forks it names none.
 */
async function ourRun(
  deps: Pick<DispatchDeps, "appId"> &
    RememberDeps & { readonly store: { readonly runs: Pick<DispatchDeps["store"]["runs"], "get"> } },
  guid: string,
  payload: Common & {
    readonly check_run: {
      readonly external_id?: string | null | undefined;
      readonly app?: { readonly id: number } | null | undefined;
    };
  },
): Promise<{ readonly repository: Repository; readonly run: Run } | null> {
  const { app, external_id: externalId } = payload.check_run;
  if (app?.id !== deps.appId) return null;
  const repository = await remember(deps, guid, payload);
  if (repository === null) return null;
  const run = isRunId(externalId ?? "") ? await deps.store.runs.get(externalId as Run["id"]) : null;
  if (run !== null && run.repositoryId === repository.id) return { repository, run };
  deps.log.info({ delivery: guid, externalId }, "a click at the check of a run that is not known");
  return null;
}
