import type { LeaseEndReason } from "../leases/lease.ts";
import type { CancelRequest, Lease, Run } from "../store/rows.ts";
import { isEndable, leasesOf, stopLease, type LeasesDeps } from "./leases-of.ts";

export type WindDownDeps = LeasesDeps;

export type Scope =
  | { readonly accountId: number }
  | { readonly repositoryId: number }
  | { readonly repositoryId: number; readonly pullRequest: number };

export type WindDown = {
  readonly scope: Scope;
  readonly reason: Extract<LeaseEndReason, "pull_request_closed" | "installation_removed">;
  /** Whose act it was. */
  readonly by: string;
  /** One sentence for the report of each run. */
  readonly sentence: string;
  /** Runs made after this moment (epoch ms) have another story and stay; null: all end. */
  readonly madeBefore: number | null;
};

/** Cancels every unfinished run of the scope and ends its leases. Safe to repeat; the reconciler ends what a provider could not now. */
export async function windDown(
  deps: WindDownDeps,
  wanted: WindDown,
): Promise<{ readonly runs: number; readonly leases: number }> {
  const cancel: Omit<CancelRequest, "at"> = {
    outcome: "cancelled",
    by: wanted.by,
    reason: wanted.sentence,
  };
  // A cancelled run gives its lease back by itself at some time, so who uses what is looked up first.
  const leases = await leasesIn(deps, wanted.scope);
  const runs = await deps.store.runs.unfinished(wanted.scope);
  const ending = runs.filter((run) => madeInTime(run, wanted.madeBefore));
  const staying = ending.length < runs.length;
  let cancelled = 0;
  for (const run of ending) if (await deps.cancelRun(run, cancel)) cancelled++;
  // What runs of a later story may be using is left to them and to its own expiry.
  if (staying) return { runs: cancelled, leases: 0 };
  // Side by side: a provider may take its time for each.
  await Promise.all(leases.map((lease) => stopLease(deps, lease, { reason: wanted.reason, cancel })));
  return { runs: cancelled, leases: leases.length };
}

function madeInTime(run: Run, madeBefore: number | null): boolean {
  return madeBefore === null || run.createdAt <= madeBefore;
}

async function leasesIn(deps: WindDownDeps, scope: Scope): Promise<readonly Lease[]> {
  if ("pullRequest" in scope) return leasesOf(deps, scope.repositoryId, scope.pullRequest);
  return (await deps.store.leases.live(scope)).filter(isEndable);
}
