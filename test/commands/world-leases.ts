import type { CommandDeps } from "../../app/commands/command.ts";
import { extendLease } from "../../app/leases/extend.ts";
import { keepLease } from "../../app/leases/keep.ts";
import { warmUp } from "../../app/leases/warm-up.ts";
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

/** What the leases of the world may cost and how many there may be; tests change it. `told`: extensions the provider heard of. */
export type LeaseWorld = { capMicroUsd: number | null; maxLeases: number; readonly told: string[] };

/** The flows of leases over the world's store, with a provider that only remembers. */
export function leaseFlows(
  store: Store,
  clock: { now(): number },
  world: LeaseWorld,
): Pick<CommandDeps, "warmUp" | "extendLease" | "keepLease"> {
  const providers = new Map([
    [
      "local",
      {
        types: (boxClass: string) => [`dir-${boxClass}`],
        price,
        extend: async (ref: string, expiresAt: number) => void world.told.push(`${ref} ${expiresAt}`),
      },
    ],
  ]);
  const by = (login: string) => ({
    member: login,
    caps: world.capMicroUsd === null ? [] : [{ microUsd: world.capMicroUsd, since: 0 }],
  });
  const deps = () => ({
    store,
    providers,
    clock,
    ids: createIds(),
    limits: { leases: world.maxLeases },
    wake: () => undefined,
  });
  return {
    warmUp: ({ actor, ...wanted }) => warmUp(deps(), { ...wanted, ...by(actor.login) }),
    extendLease: ({ actor, ...wanted }) => extendLease(deps(), { ...wanted, ...by(actor.login) }),
    keepLease: ({ actor, ...wanted }) => keepLease(deps(), { ...wanted, ...by(actor.login) }),
  };
}

/** Its box is made: the lease is active, and idle where no run waits for it. */
export async function activate(store: Store, { id }: Pick<Lease, "id">): Promise<Lease> {
  const active = await store.leases.activate(id, {
    ref: `ref-${id}`,
    type: "dir-standard",
    address: { host: "127.0.0.1", port: 22, user: "box", hostKey: null, keyFile: "/key", root: "/box" },
    price: await price("dir-standard"),
  });
  if (active === null) throw new Error("the lease was not requested");
  return active;
}
