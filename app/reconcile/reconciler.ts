import { ProviderError, type Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import type { LeaseId, RunId } from "../ids.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Log } from "../log.ts";
import type { Lease } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { diff, type Action } from "./diff.ts";

const ROUND_MS = 15_000;
const LIST_WITHIN_MS = 30_000;

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
  /** Ends the loop; a round under way is finished first. */
  stop(): Promise<void>;
};

export function startReconciler(deps: ReconcilerDeps): Reconciler {
  const stopped = new AbortController();
  const orphans = new Map<string, number>();

  async function round(): Promise<void> {
    await Promise.all([...deps.providers.values()].map((provider) => roundOf(deps, provider, orphans)));
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

async function roundOf(
  deps: ReconcilerDeps,
  provider: Provider,
  orphans: Map<string, number>,
): Promise<void> {
  // Leases are read before the list: a box made in between is then merely an orphan of one round, never a vanished one.
  const leases = await deps.store.leases.live();
  const known = await Promise.all(
    leases.map(async (lease) => ({
      lease,
      box: await deps.store.boxes.ofLease(lease.id),
      isAbandoned: await isAbandoned(deps, lease),
    })),
  );
  let seen;
  try {
    seen = await provider.list(deps.store.owner, AbortSignal.timeout(LIST_WITHIN_MS));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    deps.log.warn({ err: error, provider: provider.name }, "a provider could not list its boxes");
    return;
  }
  const now = deps.clock.now();
  const keys = new Map(
    [...orphans]
      .filter(([key]) => key.startsWith(`${provider.name}/`))
      .map(([key, at]) => [key.slice(provider.name.length + 1), at]),
  );
  for (const ref of keys.keys())
    if (!seen.some((box) => box.ref === ref)) orphans.delete(`${provider.name}/${ref}`);
  for (const action of diff({ provider: provider.name, seen, known, orphans: keys, now })) {
    await act(deps, provider, action, orphans, now);
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

async function act(
  deps: ReconcilerDeps,
  provider: Provider,
  action: Action,
  orphans: Map<string, number>,
  now: number,
): Promise<void> {
  switch (action.do) {
    case "release":
      await deps.release(action.leaseId, action.reason);
      return;
    case "mark":
      orphans.set(`${provider.name}/${action.ref}`, now);
      return;
    case "destroy":
      try {
        await provider.destroy(action.ref, AbortSignal.timeout(LIST_WITHIN_MS));
        orphans.delete(`${provider.name}/${action.ref}`);
        deps.log.warn({ provider: provider.name, ref: action.ref }, "an orphaned box was ended");
      } catch (error) {
        deps.log.warn(
          { err: error, provider: provider.name, ref: action.ref },
          "an orphaned box could not be ended",
        );
      }
  }
}
