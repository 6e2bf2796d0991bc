import type { AttemptId, LeaseId } from "../ids.ts";
import { pullRequestHolder, type LeaseEndReason } from "../leases/lease.ts";
import type { CancelRequest, Lease, Run } from "../store/rows.ts";
import type { CommandDeps } from "./command.ts";

export type LeasesDeps = {
  readonly store: {
    readonly runs: Pick<CommandDeps["store"]["runs"], "get" | "unfinished">;
    readonly leases: Pick<CommandDeps["store"]["leases"], "live">;
    readonly attempts: CommandDeps["store"]["attempts"];
  };
  readonly cancelRun: CommandDeps["cancelRun"];
  readonly release: CommandDeps["release"];
};

/** False when somebody ends it already; the reconciler sees to the rest. */
export function isEndable(lease: Lease): boolean {
  return lease.state === "requested" || lease.state === "active";
}

/** Live leases that are kept warm for the pull request, or that an unfinished run of it holds or uses. */
export async function leasesOf(
  deps: Pick<LeasesDeps, "store">,
  repositoryId: number,
  pullRequest: number,
): Promise<readonly Lease[]> {
  const [leases, runs] = await Promise.all([
    deps.store.leases.live({ repositoryId }),
    deps.store.runs.unfinished({ repositoryId, pullRequest }),
  ]);
  const mine = new Set<string>(runs.map(({ id }) => id));
  const { key } = pullRequestHolder(repositoryId, pullRequest);
  const kept: Lease[] = [];
  for (const lease of leases.filter(isEndable)) {
    const user = await runUsing(deps, lease);
    if (user !== null && mine.has(user.id)) kept.push(lease);
    // A warm box of this pull request that another one's run uses just now is that run's.
    else if (user === null && lease.holder.kind === "pull_request" && lease.holder.key === key)
      kept.push(lease);
  }
  return kept;
}

/** Ends the run that uses a lease, if there is one, then the lease. Safe to repeat. */
export async function stopLease(
  deps: LeasesDeps,
  lease: Lease,
  why: { readonly reason: LeaseEndReason; readonly cancel: Omit<CancelRequest, "at"> },
): Promise<boolean> {
  const user = await runUsing(deps, lease);
  if (user !== null) await deps.cancelRun(user, why.cancel);
  return deps.release(lease.id, why.reason);
}

async function runUsing(
  deps: {
    readonly store: Pick<LeasesDeps["store"], "attempts"> & {
      readonly runs: Pick<LeasesDeps["store"]["runs"], "get">;
    };
  },
  lease: { readonly id: LeaseId; readonly busyAttempt: AttemptId | null; readonly holder: Lease["holder"] },
): Promise<Run | null> {
  if (lease.busyAttempt !== null) {
    const attempt = await deps.store.attempts.get(lease.busyAttempt);
    return attempt === null ? null : deps.store.runs.get(attempt.runId);
  }
  if (lease.holder.kind !== "run") return null;
  const { key } = lease.holder;
  return deps.store.runs.get(key as Run["id"]);
}
