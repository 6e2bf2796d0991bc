import { ProviderError, type Provider, type ProviderBox } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import type { Box, Lease, Repository } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

/** A cloud box answers within minutes or never; hcloud and EC2 boot in under two. */
const READY_WITHIN_MS = 10 * 60_000;
const POLL_MS = 2_000;
/** After an unclear answer the same idempotent ask is repeated, with growing pauses. */
const UNCLEAR_PAUSES_MS = [500, 2_000, 8_000] as const;

export type CreateBoxDeps = {
  readonly store: Pick<Store, "leases" | "boxes" | "owner">;
  readonly clock: Clock;
};

export type CreatedBox =
  | { readonly kind: "ready"; readonly lease: Lease; readonly box: Box }
  | { readonly kind: "failed"; readonly error: ProviderError };

/**
 * Makes the box of a `requested` lease and activates it; an `active` lease answers as it is. Repeating it never makes a second box.
 * Aborting throws the signal's reason and leaves the lease for `release`.
 */
export async function createBox(
  deps: CreateBoxDeps,
  provider: Provider,
  lease: Lease,
  repository: Repository,
  signal: AbortSignal,
): Promise<CreatedBox> {
  const stored = await deps.store.boxes.ofLease(lease.id);
  if (stored === null) {
    return failed(provider, "gone", "The lease has no box.", "Comment `/crabbox retry`.");
  }
  if (lease.state === "active") return { kind: "ready", lease, box: stored };
  try {
    const made = await ask(deps, provider, lease, repository, signal);
    await deps.store.boxes.note(stored.id, { ref: made.ref, type: made.type });
    const ready = await untilReady(deps, provider, made, signal);
    const price = await provider.price(ready.type, signal);
    const activated = await deps.store.leases.activate(lease.id, {
      ref: ready.ref,
      type: ready.type,
      address: ready.address,
      price,
    });
    const box = await deps.store.boxes.ofLease(lease.id);
    if (activated === null || box === null) {
      return failed(
        provider,
        "gone",
        "The lease was ended while its box was made.",
        "Comment `/crabbox retry`.",
      );
    }
    return { kind: "ready", lease: activated, box };
  } catch (thrown) {
    // However a provider words it: an ask that was broken off says nothing about the box.
    signal.throwIfAborted();
    if (thrown instanceof ProviderError) return { kind: "failed", error: thrown };
    throw thrown;
  }
}

async function ask(
  deps: CreateBoxDeps,
  provider: Provider,
  lease: Lease,
  repository: Repository,
  signal: AbortSignal,
): Promise<ProviderBox> {
  const request = {
    idempotencyId: lease.id,
    types: provider.types(lease.class),
    labels: {
      owner: deps.store.owner,
      leaseId: lease.id,
      trustDomain: lease.trustDomain,
      expiresAt: lease.expiresAt,
    },
    repository: `${repository.owner}/${repository.name}`,
  };
  for (const pauseMs of UNCLEAR_PAUSES_MS) {
    try {
      return await provider.create(request, signal);
    } catch (thrown) {
      if (!(thrown instanceof ProviderError) || thrown.kind !== "unclear") throw thrown;
      await deps.clock.sleep(pauseMs, signal);
    }
  }
  return provider.create(request, signal);
}

async function untilReady(
  deps: CreateBoxDeps,
  provider: Provider,
  first: ProviderBox,
  signal: AbortSignal,
): Promise<ProviderBox & { readonly address: NonNullable<ProviderBox["address"]> }> {
  const until = deps.clock.now() + READY_WITHIN_MS;
  let box: ProviderBox | null = first;
  for (;;) {
    if (box === null || box.state === "gone") {
      throw new ProviderError(
        provider.name,
        "gone",
        "The box vanished while it was being made.",
        "Comment `/crabbox retry`.",
      );
    }
    if (box.state === "ready" && box.address !== undefined) return { ...box, address: box.address };
    if (deps.clock.now() >= until) {
      throw new ProviderError(
        provider.name,
        "unclear",
        `Box ${box.ref} did not become ready in ${READY_WITHIN_MS / 60_000} minutes.`,
        "An operator should look at the provider's console.",
      );
    }
    await deps.clock.sleep(POLL_MS, signal);
    box = await provider.describe(box.ref, signal);
  }
}

function failed(provider: Provider, kind: "gone", message: string, hint: string): CreatedBox {
  return { kind: "failed", error: new ProviderError(provider.name, kind, message, hint) };
}
