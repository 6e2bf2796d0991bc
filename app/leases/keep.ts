import type { Clock } from "../clock.ts";
import { extendLease, type ExtendDeps, type ExtendedLease, type Extension } from "./extend.ts";
import type { Lease } from "../store/rows.ts";

/** Held so long when nobody names a time: a look at a failure, a mend and a push. */
export const KEEP_MS = 30 * 60_000;
/** Two people who ask at the same time must not pay for the seconds between them. */
const ENOUGH_MS = 60_000;

/** How long a button keeps a box where the server allows at most `maxMs`. */
export function keepForMs(maxMs: number): number {
  return Math.min(KEEP_MS, maxMs);
}

export type KeepDeps = ExtendDeps & { readonly clock: Pick<Clock, "now"> };

export type Keeping = Omit<Extension, "expiresAt"> & {
  readonly forMs: number;
  /** It never lives beyond this moment; epoch ms. */
  readonly latestMs: number;
};

export type Kept =
  | {
      readonly kind: "kept";
      readonly lease: Lease;
      /** When it ends at the latest, idle or not; epoch ms. */
      readonly endsAt: number;
      /** All that the lease has reserved now; null when nothing more had to be. */
      readonly reservedMicroUsd: number | null;
    }
  | Exclude<ExtendedLease, { readonly kind: "extended" }>;

/**
 * Holds a warm box `forMs` longer from now on, extending its life where it would end before. Safe to repeat: the second time finds enough time left.
 */
export async function keepLease(deps: KeepDeps, wanted: Keeping): Promise<Kept> {
  const { forMs, latestMs, ...extension } = wanted;
  const { lease } = wanted;
  const until = Math.min(deps.clock.now() + forMs, latestMs);
  let reservedMicroUsd: number | null = null;
  if (lease.expiresAt + ENOUGH_MS < until) {
    const extended = await extendLease(deps, { ...extension, expiresAt: until });
    if (extended.kind !== "extended") return extended;
    ({ reservedMicroUsd } = extended);
  }
  const kept = await deps.store.leases.keep(lease.id, forMs);
  if (kept === null) return { kind: "not_active" };
  return { kind: "kept", lease: kept, endsAt: kept.expiresAt, reservedMicroUsd };
}
