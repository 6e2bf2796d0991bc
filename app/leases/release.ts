import type { Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { settleLines } from "../costs/settle.ts";
import type { LeaseId } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Attempt, Box, Lease } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { LeaseEndReason } from "./lease.ts";

/** Longest wait for a provider to end a box before the reconciler takes over. */
const DESTROY_WITHIN_MS = 60_000;

export type ReleaseDeps = {
  readonly store: Pick<Store, "leases" | "boxes" | "attempts" | "runs" | "ledger" | "owner">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets go of the open connection to a box. */
  readonly dropLink: (boxId: Box["id"]) => Promise<void>;
  /** Aborted when the App ends: a provider is then waited for no longer. */
  readonly drain: AbortSignal;
};

/**
 * Ends a lease: state, box, money, in that order, each safe to repeat. Answers false when the provider could not be asked now, or the
 * App ends meanwhile; the lease then stays `ending` and the reconciler comes back to it, if need be after the restart. Never throws
 * for a provider's failure.
 */
export async function release(deps: ReleaseDeps, leaseId: LeaseId, reason: LeaseEndReason): Promise<boolean> {
  const ended = await deps.store.leases.end(leaseId, reason);
  const lease = ended ?? (await deps.store.leases.get(leaseId));
  if (lease === null || lease.state === "ended") return true;
  const box = await deps.store.boxes.ofLease(leaseId);
  if (box === null) return true;
  await deps.dropLink(box.id);
  const provider = deps.providers.get(lease.provider);
  if (provider === undefined) {
    if (ended !== null) {
      deps.log.error(
        { lease: lease.id, provider: lease.provider, expiresAt: lease.expiresAt },
        "the provider of a lease is not configured any more; its box ends by its own dead-man's switch",
      );
    }
    // Nobody can end the box or look: until its switch has, it counts as there and costs.
    if (deps.clock.now() < lease.expiresAt) return false;
    await settle(deps, lease, box);
    return true;
  }
  try {
    await destroy(deps, provider, lease, box);
  } catch (error) {
    deps.log.warn(
      { err: error, lease: lease.id, box: box.ref },
      "the box could not be ended; it is tried again",
    );
    return false;
  }
  await settle(deps, lease, box);
  return true;
}

async function destroy(deps: ReleaseDeps, provider: Provider, lease: Lease, box: Box): Promise<void> {
  const signal = AbortSignal.any([deps.drain, AbortSignal.timeout(DESTROY_WITHIN_MS)]);
  // Without a ref, create's answer was lost: only the label knows whether there is a box.
  const refs =
    box.ref === null
      ? (await provider.list(deps.store.owner, signal))
          .filter((seen) => seen.labels.leaseId === lease.id)
          .map((seen) => seen.ref)
      : [box.ref];
  for (const ref of refs) await provider.destroy(ref, signal);
}

async function settle(deps: ReleaseDeps, lease: Lease, box: Box): Promise<void> {
  const attempts = await deps.store.attempts.ofLease(lease.id);
  const booked = await Promise.all(
    attempts.map(async (stored) => {
      const run = await deps.store.runs.get(stored.runId);
      const attempt = run === null || run.state === "done" ? await endOpen(deps, stored) : stored;
      const booking = {
        repositoryId: run?.repositoryId ?? lease.repositoryId,
        pullRequest: run?.pullRequest ?? null,
        member: run?.actor ?? "",
      };
      return { attempt, booking };
    }),
  );
  const lines = await deps.store.ledger.ofLease(lease.id);
  const reservedMicroUsd = lines.reduce(
    (sum, line) =>
      sum + (line.kind === "reserve" ? line.microUsd : line.kind === "release" ? -line.microUsd : 0),
    0,
  );
  await deps.store.leases.settle(
    lease.id,
    settleLines({ lease, box, attempts: booked, reservedMicroUsd, endedAt: deps.clock.now() }),
  );
}

/** An attempt that its run was given up over has nobody else to end it. */
async function endOpen(deps: ReleaseDeps, attempt: Attempt): Promise<Attempt> {
  if (attempt.state === "ended") return attempt;
  return (await deps.store.attempts.end(attempt.id, { exit: null, executed: attempt.executed })) ?? attempt;
}
