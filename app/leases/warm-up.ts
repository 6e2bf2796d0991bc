import { ProviderError, type BoxClass, type Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { worstCase } from "../costs/price.ts";
import { leaseIdOf, slugOf, type Ids } from "../ids.ts";
import type { Cap } from "../store/ledger-book.ts";
import type { Admitted } from "../store/leases-admit.ts";
import type { Lease, Repository } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { pullRequestHolder, type TrustDomain } from "./lease.ts";

/** Why such a lease is there; the warmer makes its box. */
export const WARMUP = "warmup";
/** Somebody waits for the answer. */
const PRICE_WITHIN_MS = 10_000;

export type WarmUpDeps = {
  readonly store: Pick<Store, "leases">;
  readonly providers: ReadonlyMap<string, Pick<Provider, "types" | "price">>;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Pick<Ids, "box">;
  readonly limits: { readonly leases: number };
  /** There is a lease whose box must be made. */
  readonly wake: () => void;
};

export type WarmUp = {
  /** The same cause never makes a second lease. */
  readonly cause: string;
  readonly repository: Repository;
  readonly pullRequest: number;
  readonly trustDomain: TrustDomain;
  /** Who asks. */
  readonly member: string;
  readonly caps: readonly Cap[];
  /** One the server has. */
  readonly provider: string;
  readonly class: BoxClass;
  readonly ttlMs: number;
  readonly idleMs: number;
};

type Refused = Extract<Admitted, { readonly ok: false }>;

export type WarmedUp =
  /** Its box is being made, or already was. */
  | { readonly kind: "making"; readonly lease: Lease; readonly ceilingMicroUsd: number }
  | { readonly kind: "already_warm"; readonly lease: Lease }
  | { readonly kind: "refused"; readonly refusal: Refused; readonly ceilingMicroUsd: number }
  | { readonly kind: "no_price"; readonly message: string; readonly hint: string };

/**
 * A lease for a pull request that no run waits for, its worst case reserved; the warmer makes its box. Safe to repeat: the lease's id
 * comes from the cause.
 */
export async function warmUp(deps: WarmUpDeps, wanted: WarmUp): Promise<WarmedUp> {
  const provider = deps.providers.get(wanted.provider);
  const types = provider?.types(wanted.class) ?? [];
  if (provider === undefined || types.length === 0) {
    return {
      kind: "no_price",
      message: `${wanted.provider} offers no class ${wanted.class}.`,
      hint: "Ask for another `--class`.",
    };
  }
  let ceilingMicroUsd: number;
  try {
    const signal = AbortSignal.timeout(PRICE_WITHIN_MS);
    const prices = await Promise.all(types.map((type) => provider.price(type, signal)));
    ceilingMicroUsd = worstCase(prices, wanted.ttlMs);
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    return { kind: "no_price", message: thrown.message, hint: thrown.hint };
  }
  const admitted = await admit(deps, wanted, ceilingMicroUsd);
  if (admitted.ok) {
    deps.wake();
    return { kind: "making", lease: admitted.lease, ceilingMicroUsd };
  }
  if (admitted.why === "already_warm") return { kind: "already_warm", lease: admitted.lease };
  return { kind: "refused", refusal: admitted, ceilingMicroUsd };
}

function admit(deps: WarmUpDeps, wanted: WarmUp, ceilingMicroUsd: number) {
  const { repository, pullRequest, trustDomain } = wanted;
  const id = leaseIdOf(wanted.cause);
  const of = { accountId: repository.accountId, repositoryId: repository.id };
  return deps.store.leases.admitWarm({
    lease: {
      ...of,
      id,
      slug: slugOf(id),
      trustDomain,
      holder: pullRequestHolder(repository.id, pullRequest),
      purpose: WARMUP,
      provider: wanted.provider,
      class: wanted.class,
      expiresAt: deps.clock.now() + wanted.ttlMs,
      idleMs: wanted.idleMs,
    },
    box: { id: deps.ids.box() },
    reserve: {
      ...of,
      kind: "reserve",
      key: `reserve:${id}`,
      microUsd: ceilingMicroUsd,
      pullRequest,
      member: wanted.member,
      provider: wanted.provider,
      class: wanted.class,
      leaseId: id,
    },
    caps: wanted.caps,
    maxLeases: deps.limits.leases,
  });
}
