import type { Clock } from "../clock.ts";
import { LEASE_MARGIN_MS } from "../runs/plan.ts";
import type { Box, Lease, Run } from "../store/rows.ts";
import type { Cap } from "../store/ledger-book.ts";
import { extendLease, type ExtendDeps } from "./extend.ts";

export type StretchDeps = ExtendDeps & {
  readonly clock: Clock;
  readonly caps: (run: Run) => readonly Cap[];
};

/**
 * A warm lease with time enough for this run: as it is, or extended (reserved first, then told to the box's dead-man's switch).
 * Null when it cannot be extended; the caller then takes another box.
 */
export async function stretch(
  deps: StretchDeps,
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
  const extended = await extendLease(
    deps,
    {
      lease,
      expiresAt,
      key: `reserve:${lease.id}:${expiresAt}`,
      member: run.actor,
      caps: deps.caps(run),
    },
    signal,
  );
  return extended.kind === "extended" && extended.isTold ? extended.lease : null;
}
