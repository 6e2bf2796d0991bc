import { ProviderError, type Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { billed } from "../costs/price.ts";
import { LEASE_MARGIN_MS } from "../runs/plan.ts";
import type { Box, Lease, LedgerLine, Run } from "../store/rows.ts";
import type { Cap } from "../store/ledger-book.ts";
import type { Store } from "../store/store.ts";

export type StretchDeps = {
  readonly store: Pick<Store, "leases">;
  readonly clock: Clock;
  readonly caps: (run: Run) => readonly Cap[];
};

/**
 * A warm lease with time enough for this run: as it is, or extended (reserved first, then told to the box's dead-man's switch).
 * Null when it cannot be extended; the caller then takes another box.
 */
export async function stretch(
  deps: StretchDeps,
  provider: Provider,
  lease: Lease,
  box: Box,
  run: Run,
  signal: AbortSignal,
): Promise<Lease | null> {
  const now = deps.clock.now();
  if (lease.expiresAt - now >= run.options.timeoutMs + 2 * LEASE_MARGIN_MS) return lease;
  if (box.price === null || box.ref === null) return null;
  const expiresAt = now + run.options.ttlMs;
  if (expiresAt <= lease.expiresAt) return lease;
  const reserve: LedgerLine = {
    kind: "reserve",
    key: `reserve:${lease.id}:${expiresAt}`,
    microUsd: billed(box.price, expiresAt - lease.expiresAt),
    accountId: lease.accountId,
    repositoryId: lease.repositoryId,
    member: run.actor,
    provider: lease.provider,
    class: lease.class,
    ...(box.type === null ? {} : { type: box.type }),
    leaseId: lease.id,
  };
  const extended = await deps.store.leases.extend(lease.id, expiresAt, reserve, deps.caps(run));
  if (extended === null) return null;
  try {
    await provider.extend(box.ref, expiresAt, signal);
    return extended;
  } catch (thrown) {
    signal.throwIfAborted();
    // The row now says later than the box knows: the reconciler tells it again.
    if (thrown instanceof ProviderError) return null;
    throw thrown;
  }
}
