import type { Price } from "../../providers/provider.ts";
import { createIds, slugOf } from "../../app/ids.ts";
import { trustedDomain, type LeaseHolder } from "../../app/leases/lease.ts";
import type { Lease } from "../../app/store/rows.ts";
import type { Store } from "../../app/store/store.ts";

const LIFE_MS = 90 * 60_000;

/** A live lease of the world's repository, as acquire would store it. */
export async function makeLease(
  store: Store,
  holder: LeaseHolder,
  now: number,
  of: { readonly accountId: number; readonly repositoryId: number } = { accountId: 7, repositoryId: 77 },
): Promise<Lease> {
  const ids = createIds();
  const id = ids.lease();
  const admitted = await store.leases.admit({
    lease: {
      id,
      slug: slugOf(id),
      ...of,
      trustDomain: trustedDomain(of.repositoryId),
      holder,
      purpose: "run",
      provider: "local",
      class: "standard",
      expiresAt: now + LIFE_MS,
      idleMs: 60_000,
    },
    box: { id: ids.box() },
    reserve: {
      kind: "reserve",
      key: `reserve:${id}`,
      microUsd: 0,
      accountId: of.accountId,
      provider: "local",
      class: "standard",
      leaseId: id,
    },
    caps: [],
    maxLeases: 100,
  });
  if (!admitted.ok) throw new Error(`no lease: ${admitted.why}`);
  return admitted.lease;
}

/** Twelve cents an hour for everything. */
export async function price(type: string): Promise<Price> {
  return {
    type,
    microUsdPerHour: 120_000,
    original: { amount: "0.12", currency: "USD", rateToUsd: "1" },
    billingStepSeconds: 1,
    minimumSeconds: 0,
    source: "settings",
    date: "2026-11-01",
  };
}
