import { ProviderError, type Provider } from "../../providers/provider.ts";
import { billed } from "../costs/price.ts";
import type { Lease, LedgerLine } from "../store/rows.ts";
import type { Cap } from "../store/ledger-book.ts";
import type { Store } from "../store/store.ts";

/** Somebody waits for the answer; what takes longer is told later. */
const TELL_WITHIN_MS = 15_000;

export type ExtendDeps = {
  readonly store: Pick<Store, "leases" | "boxes">;
  readonly providers: ReadonlyMap<string, Pick<Provider, "extend">>;
};

export type Extension = {
  readonly lease: Lease;
  /** Epoch ms; an earlier moment than the lease's own changes nothing. */
  readonly expiresAt: number;
  /** The same cause never reserves twice. */
  readonly key: string;
  /** Whose money it is. */
  readonly member: string;
  readonly pullRequest?: number;
  readonly caps: readonly Cap[];
};

export type ExtendedLease =
  | {
      readonly kind: "extended";
      readonly lease: Lease;
      /** All that the lease has reserved now. */
      readonly reservedMicroUsd: number;
      /** False: the box's own switch could not be told now; the reconciler tells it. */
      readonly isTold: boolean;
    }
  | { readonly kind: "not_active" }
  | {
      readonly kind: "over_cap";
      readonly spentMicroUsd: number;
      readonly reservedMicroUsd: number;
      readonly capMicroUsd: number;
      /** What the extension could have cost. */
      readonly moreMicroUsd: number;
    };

/**
 * Lets a lease live longer: the worst case is reserved first, then its box's dead-man's switch is told. The deadline of a task on it
 * stays. Safe to repeat with the same key. Throws the signal's reason.
 */
export async function extendLease(
  deps: ExtendDeps,
  wanted: Extension,
  signal?: AbortSignal,
): Promise<ExtendedLease> {
  const { lease, expiresAt } = wanted;
  const box = await deps.store.boxes.ofLease(lease.id);
  const provider = deps.providers.get(lease.provider);
  if (provider === undefined || box === null || box.price === null || box.ref === null)
    return { kind: "not_active" };
  const reserve: LedgerLine = {
    kind: "reserve",
    key: wanted.key,
    microUsd: billed(box.price, Math.max(0, expiresAt - lease.expiresAt)),
    accountId: lease.accountId,
    repositoryId: lease.repositoryId,
    ...(wanted.pullRequest === undefined ? {} : { pullRequest: wanted.pullRequest }),
    member: wanted.member,
    provider: lease.provider,
    class: lease.class,
    ...(box.type === null ? {} : { type: box.type }),
    leaseId: lease.id,
  };
  const extended = await deps.store.leases.extend(lease.id, expiresAt, reserve, wanted.caps);
  if (!extended.ok) {
    if (extended.why === "not_active") return { kind: "not_active" };
    const { chargedMicroUsd, reservedMicroUsd, capMicroUsd } = extended;
    return {
      kind: "over_cap",
      spentMicroUsd: chargedMicroUsd,
      reservedMicroUsd,
      capMicroUsd,
      moreMicroUsd: reserve.microUsd,
    };
  }
  const { lease: later, reservedMicroUsd } = extended;
  const isTold = await tell(provider, box.ref, later.expiresAt, signal);
  return { kind: "extended", lease: later, reservedMicroUsd, isTold };
}

/** False when the provider does not take it now: the reconciler tells it again, or finds the box gone. */
async function tell(
  provider: Pick<Provider, "extend">,
  ref: string,
  expiresAt: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const within = AbortSignal.timeout(TELL_WITHIN_MS);
  try {
    await provider.extend(ref, expiresAt, signal === undefined ? within : AbortSignal.any([signal, within]));
    return true;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof ProviderError || within.aborted) return false;
    throw thrown;
  }
}
