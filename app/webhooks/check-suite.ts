import type { DispatchDeps } from "../commands/dispatch.ts";
import { rerunRequested } from "../commands/rerun-request.ts";
import type { Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { CheckSuiteRerequested, readPayload, type WebhookDelivery } from "./payload.ts";
import { remember, type RememberDeps } from "./remember.ts";

type Deps = Omit<DispatchDeps, "store"> &
  Omit<RememberDeps, "store"> & {
    readonly store: DispatchDeps["store"] &
      RememberDeps["store"] & { readonly runs: Pick<Store["runs"], "ofHead"> };
  };

/** `check_suite.rerequested`: "Re-run all checks" of a commit repeats the newest run of each of our checks. */
export async function onCheckSuiteRerequested(deps: Deps, delivery: WebhookDelivery): Promise<void> {
  const payload = readPayload(CheckSuiteRerequested, delivery);
  if (payload.check_suite.app?.id !== deps.appId) return;
  const repository = await remember(deps, delivery.guid, payload);
  if (repository === null) return;
  const runs = await deps.store.runs.ofHead(repository.id, payload.check_suite.head_sha);
  const queued = await rerunRequested(deps, {
    guid: delivery.guid,
    installationId: payload.installation.id,
    repository,
    sender: { ...payload.sender, viaAppId: null },
    runs: newestOfEach(runs, delivery.guid),
  });
  deps.log.info({ delivery: delivery.guid, queued }, "a re-run of all checks was asked for");
}

/**
 * The newest finished run of each check name. The name is the part of the source key, and what this very delivery made before does
 * not count, so that the delivery twice repeats nothing twice.
 */
export function newestOfEach(
  runs: readonly Run[],
  guid: string,
): readonly { readonly part: string; readonly run: Run }[] {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    if (run.state !== "done" || run.sourceKey.startsWith(`${guid}:`)) continue;
    const known = newest.get(run.checkName);
    if (known === undefined || run.createdAt > known.createdAt) newest.set(run.checkName, run);
  }
  return [...newest].map(([part, run]) => ({ part, run })).sort((a, b) => a.run.createdAt - b.run.createdAt);
}
