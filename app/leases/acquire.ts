import type { Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import { worstCase } from "../costs/price.ts";
import { whyNotIsolated } from "../forks/policy.ts";
import type { Ids } from "../ids.ts";
import { slugOf } from "../ids.ts";
import { formatMicroUsd } from "../money.ts";
import type { Outcome } from "../runs/outcome.ts";
import type { Box, Lease, Repository, Run, RunDetail } from "../store/rows.ts";
import type { Cap } from "../store/ledger-book.ts";
import type { Store } from "../store/store.ts";
import { createBox } from "./create-box.ts";
import { stretch } from "./stretch.ts";

export type AcquireDeps = {
  readonly store: Pick<Store, "leases" | "boxes" | "owner">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "lease" | "box">;
  readonly limits: { readonly leases: number };
  /** What this run's reservations may not cross. */
  readonly caps: (run: Run) => readonly Cap[];
  readonly defaultProvider: string;
  /** Ends a lease and its box; never throws. */
  readonly release: (leaseId: Lease["id"], reason: "no_capacity" | "failed" | "idle") => Promise<void>;
};

/** What the reader of a check can do, after what the provider's own hint asks of an operator. */
const AFTER_FAILURE = "Then comment `/crabbox retry`.";

export type Acquired =
  | { readonly kind: "ready"; readonly lease: Lease; readonly box: Box; readonly warm: boolean }
  /** Nothing free: ask again later. */
  | { readonly kind: "wait"; readonly why: string }
  | { readonly kind: "ended"; readonly outcome: Outcome; readonly detail: RunDetail };

/**
 * A box for this run: the one it already holds, a warm one of exactly its trust domain, or a new one within the caps. Safe to
 * repeat after a crash at any point: the lease row exists before the provider is asked, and its id makes the ask idempotent.
 */
export async function acquire(
  deps: AcquireDeps,
  run: Run,
  repository: Repository,
  signal: AbortSignal,
): Promise<Acquired> {
  const name = run.options.provider ?? deps.defaultProvider;
  const provider = deps.providers.get(name);
  if (provider === undefined)
    return refuse(
      `This server has no provider "${name}".`,
      `It offers: ${[...deps.providers.keys()].join(", ")}.`,
    );

  const notIsolated = whyNotIsolated(run.trustDomain, provider, deps.providers.values());
  if (notIsolated !== null) return refuse(notIsolated.message, notIsolated.hint);

  const mine = await deps.store.leases.live({ holder: { kind: "run", key: run.id } });
  // The box of a lost attempt may still be ending.
  const held = mine.find(({ state }) => state !== "ending");
  if (held !== undefined) return finish(deps, provider, held, run, repository, signal);

  const warm = await deps.store.leases.findWarm({
    trustDomain: run.trustDomain,
    class: run.options.class,
    provider: name,
    now: deps.clock.now(),
  });
  if (warm !== null) {
    const box = await deps.store.boxes.ofLease(warm.id);
    const lease = box === null ? null : await stretch(deps, warm, box, run, signal);
    if (box !== null && lease !== null) return { kind: "ready", lease, box, warm: true };
  }
  return create(deps, provider, run, repository, signal);
}

async function create(
  deps: AcquireDeps,
  provider: Provider,
  run: Run,
  repository: Repository,
  signal: AbortSignal,
): Promise<Acquired> {
  const types = provider.types(run.options.class);
  if (types.length === 0)
    return refuse(
      `Provider "${provider.name}" offers no class "${run.options.class}".`,
      "Ask for another `--class`.",
    );
  const prices = await Promise.all(types.map((type) => provider.price(type, signal)));
  const now = deps.clock.now();
  const id = deps.ids.lease();
  const admitted = await deps.store.leases.admit({
    lease: {
      id,
      slug: slugOf(id),
      accountId: run.accountId,
      repositoryId: run.repositoryId,
      trustDomain: run.trustDomain,
      holder: { kind: "run", key: run.id },
      purpose: "run",
      provider: provider.name,
      class: run.options.class,
      expiresAt: now + run.options.ttlMs,
      idleMs: run.options.idleMs,
    },
    box: { id: deps.ids.box() },
    reserve: {
      kind: "reserve",
      key: `reserve:${id}`,
      microUsd: worstCase(prices, run.options.ttlMs),
      accountId: run.accountId,
      repositoryId: run.repositoryId,
      ...(run.pullRequest === null ? {} : { pullRequest: run.pullRequest }),
      member: run.actor,
      provider: provider.name,
      class: run.options.class,
      leaseId: id,
    },
    caps: deps.caps(run),
    maxLeases: deps.limits.leases,
  });
  if (admitted.ok) return finish(deps, provider, admitted.lease, run, repository, signal);
  if (admitted.why === "max_leases") {
    const freed = await evictIdle(deps, (lease) => lease.accountId === run.accountId);
    if (freed) return create(deps, provider, run, repository, signal);
    return { kind: "wait", why: `The account has ${admitted.live} of ${admitted.max} leases.` };
  }
  return {
    kind: "ended",
    outcome: "over_cap",
    detail: {
      message: `This month: ${formatMicroUsd(admitted.spentMicroUsd)} spent, ${formatMicroUsd(admitted.reservedMicroUsd)} reserved, cap ${formatMicroUsd(admitted.capMicroUsd)}; this run could cost up to ${formatMicroUsd(worstCase(prices, run.options.ttlMs))}.`,
    },
  };
}

async function finish(
  deps: AcquireDeps,
  provider: Provider,
  lease: Lease,
  run: Run,
  repository: Repository,
  signal: AbortSignal,
): Promise<Acquired> {
  const made = await createBox(deps, provider, lease, repository, signal);
  if (made.kind === "ready") return { ...made, warm: false };
  if (made.error.kind !== "no_capacity" && made.error.kind !== "quota") {
    await deps.release(lease.id, "failed");
    return {
      kind: "ended",
      outcome: "internal",
      detail: { message: made.error.message, hint: `${made.error.hint} ${AFTER_FAILURE}` },
    };
  }
  await deps.release(lease.id, "no_capacity");
  const freed = await evictIdle(deps, (other) => other.provider === provider.name);
  if (freed) return create(deps, provider, run, repository, signal);
  return { kind: "wait", why: made.error.message };
}

/** Somebody waits, so the box that has been idle longest goes. */
async function evictIdle(deps: AcquireDeps, among: (lease: Lease) => boolean): Promise<boolean> {
  const live = await deps.store.leases.live();
  const [oldest] = live
    .filter(
      (lease) =>
        lease.state === "active" && lease.busyAttempt === null && lease.idleSince !== null && among(lease),
    )
    .sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
  if (oldest === undefined) return false;
  await deps.release(oldest.id, "idle");
  return true;
}

function refuse(message: string, hint: string): Acquired {
  return { kind: "ended", outcome: "refused", detail: { message, hint } };
}
