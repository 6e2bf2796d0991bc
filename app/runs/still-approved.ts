import { isUntrusted } from "../leases/lease.ts";
import type { Repository, Run } from "../store/rows.ts";
import { leaveBox } from "./after-attempt.ts";
import { finish, type PipelineDeps } from "./pipeline-deps.ts";
import { releaseHeld } from "./take-box.ts";

/**
 * A run as its worker has just claimed it; one of untrusted code that no approval covers now gets its outcome instead, and what it held
 * is given back (law 11). What may already have been sent to a box goes on: it is the commit that was approved. Safe to repeat.
 */
export async function stillApproved(
  deps: PipelineDeps,
  claimed: Run,
  repository: Repository,
): Promise<Run | null> {
  if (!isUntrusted(claimed.trustDomain) || claimed.cancel !== null) return claimed;
  if (claimed.state !== "queued" && claimed.state !== "leasing" && claimed.state !== "running")
    return claimed;
  const attempts = await deps.store.attempts.ofRun(claimed.id);
  const open = attempts.find(({ state }) => state !== "ended");
  const isSent = open === undefined ? claimed.state === "running" : open.task !== null;
  if (isSent) return claimed;
  const admission = await deps.admitUntrusted(claimed, repository);
  if (admission.kind === "admitted") return claimed;
  deps.log.info({ run: claimed.id, ...admission.detail }, "a run of untrusted code may not start");
  if (open !== undefined) {
    const lease = await deps.store.leases.get(open.leaseId);
    await deps.store.attempts.end(open.id, { exit: null, executed: false });
    if (lease !== null) await leaveBox(deps, { run: claimed, attempt: open, lease, unfit: null });
  }
  await releaseHeld(deps, claimed);
  return finish(deps, claimed, admission.outcome, admission.detail);
}
