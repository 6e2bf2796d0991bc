import type { Provider, ProviderBox } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import type { LeaseId, RunId } from "../ids.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Log } from "../log.ts";
import type { Lease } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { diff, type Action } from "./diff.ts";

const ROUND_MS = 15_000;
const CALL_WITHIN_MS = 30_000;

export type ReconcilerDeps = {
  readonly store: Pick<Store, "leases" | "boxes" | "runs" | "owner">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly log: Log;
  readonly release: (leaseId: LeaseId, reason: LeaseEndReason) => Promise<boolean>;
};

/** Guarantees that every lease ends and no box of ours outlives its lease, whatever died in between. */
export type Reconciler = {
  /** One round over all providers; a failing provider stops no other. */
  round(): Promise<void>;
  /** Ends the loop and lets go of a round under way, whatever it waits for: the next start's first round does its work. */
  stop(): Promise<void>;
};

/** What every part of a round shares. */
type Ask = {
  readonly deps: ReconcilerDeps;
  readonly orphans: Map<string, number>;
  readonly stopped: AbortSignal;
};

/**
 * Compares what is with what should be, at once and in every round until stopped. A failed round is logged; the next
 * one does its work.
 */
export function startReconciler(deps: ReconcilerDeps): Reconciler {
  const stopped = new AbortController();
  const orphans = new Map<string, number>();

  async function round(): Promise<void> {
    const leases = await deps.store.leases.live();
    // Leases of providers that the settings name no more end by time, too.
    const names = new Set([...deps.providers.keys(), ...leases.map(({ provider }) => provider)]);
    const ask = { deps, orphans, stopped: stopped.signal };
    await Promise.all([...names].map((name) => roundOf(ask, name, leases)));
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => deps.log.error({ err: error }, "a reconcile round failed"));
      await deps.clock.sleep(ROUND_MS, stopped.signal).catch(() => undefined);
    }
  }

  const running = loop();
  return {
    round,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** `leases` were read before the list: a box made in between is then merely an orphan of one round, never a vanished one. */
async function roundOf(ask: Ask, name: string, leases: readonly Lease[]): Promise<void> {
  const { deps, orphans } = ask;
  const known = await Promise.all(
    leases
      .filter((lease) => lease.provider === name)
      .map(async (lease) => ({
        lease,
        box: await deps.store.boxes.ofLease(lease.id),
        isAbandoned: await isAbandoned(deps, lease),
      })),
  );
  const provider = deps.providers.get(name);
  const seen = provider === undefined ? null : await listOf(ask, provider);
  const now = deps.clock.now();
  const prefix = `${name}/`;
  const keys = new Map(
    [...orphans].filter(([key]) => key.startsWith(prefix)).map(([key, at]) => [key.slice(prefix.length), at]),
  );
  if (seen !== null) {
    for (const ref of keys.keys())
      if (!seen.some((box) => box.ref === ref)) orphans.delete(`${prefix}${ref}`);
  }
  const actions = diff({ provider: name, seen, known, orphans: keys, now });
  // Side by side: one host that does not answer must not hold up the boxes of others.
  await Promise.all(actions.map((action) => act(ask, provider, action, now)));
}

/** Null when the provider cannot tell now. */
async function listOf(ask: Ask, provider: Provider): Promise<readonly ProviderBox[] | null> {
  const { deps } = ask;
  try {
    return await provider.list(deps.store.owner, bounded(ask));
  } catch (error) {
    if (ask.stopped.aborted) return null;
    deps.log.warn({ err: error, provider: provider.name }, "a provider could not list its boxes");
    return null;
  }
}

/** A run hands its lease on before it is done: one that is done and still holds it never will. */
async function isAbandoned(deps: ReconcilerDeps, { id, holder }: Lease): Promise<boolean> {
  if (holder.kind !== "run") return false;
  const run = await deps.store.runs.get(holder.key as RunId);
  if (run !== null && run.state !== "done") return false;
  // Read again: it may have been handed on since the list was made.
  return (await deps.store.leases.get(id))?.holder.kind === "run";
}

async function act(ask: Ask, provider: Provider | undefined, action: Action, now: number): Promise<void> {
  const { deps, orphans } = ask;
  if (ask.stopped.aborted) return;
  if (action.do === "release") {
    await deps.release(action.leaseId, action.reason);
    return;
  }
  if (provider === undefined) return;
  if (action.do === "extend") {
    await provider
      .extend(action.ref, action.expiresAt, bounded(ask))
      .catch((error: unknown) =>
        deps.log.warn(
          { err: error, provider: provider.name, ref: action.ref },
          "a box was not told its expiry",
        ),
      );
    return;
  }
  const key = `${provider.name}/${action.ref}`;
  if (action.do === "mark") {
    orphans.set(key, now);
    return;
  }
  try {
    await provider.destroy(action.ref, bounded(ask));
    orphans.delete(key);
    deps.log.warn({ provider: provider.name, ref: action.ref }, "an orphaned box was ended");
  } catch (error) {
    deps.log.warn(
      { err: error, provider: provider.name, ref: action.ref },
      "an orphaned box could not be ended",
    );
  }
}

/** One call to a provider ends by then, or when the reconciler is stopped. */
function bounded({ stopped }: Ask): AbortSignal {
  return AbortSignal.any([stopped, AbortSignal.timeout(CALL_WITHIN_MS)]);
}
