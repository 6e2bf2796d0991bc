import { cacheScopes } from "../../runner-bootstrap/boxd/steps/services/scopes.ts";
import { headDomain, isUntrusted } from "../leases/lease.ts";
import type { CachePlace } from "../store/cache-entries.ts";
import type { Repository, Run } from "../store/rows.ts";

export type CachingRun = Pick<Run, "repositoryId" | "pullRequest" | "baseRef" | "trustDomain">;

/**
 * Where a run's steps write caches, and where they read them, in order: own ref, base, default branch, as on GitHub. A fork's and
 * Dependabot's run writes to a domain that no other run reads. Follows from the run alone: a box cannot name a place.
 */
export function cachePlaces(
  run: CachingRun,
  repository: Pick<Repository, "id" | "defaultBranch">,
): { readonly write: CachePlace; readonly read: readonly CachePlace[] } {
  const { write, read } = cacheScopes({
    repository: String(repository.id),
    ref: ownRef(run),
    baseRef: `refs/heads/${run.baseRef}`,
    defaultRef: `refs/heads/${repository.defaultBranch}`,
    ...forkOf(run),
  });
  const place = ({ domain, ref }: typeof write): CachePlace => ({ repositoryId: repository.id, domain, ref });
  const own = { ...place(write), domain: ownDomain(run) };
  return { write: own, read: [own, ...read.slice(1).map(place)] };
}

/** The place a run's steps write to, without its repository's row. */
export function writtenPlace(run: CachingRun): CachePlace {
  return { repositoryId: run.repositoryId, domain: ownDomain(run), ref: ownRef(run) };
}

/** What the head's own steps save, as what a fork's do, is never given to the base's steps, which may have secrets. */
function ownDomain(run: CachingRun): string {
  const { fork } = forkOf(run);
  if (fork !== undefined) return `fork:${fork}`;
  return run.trustDomain === headDomain(run.repositoryId) ? "head" : "trusted";
}

function ownRef({ pullRequest, baseRef }: CachingRun): string {
  return pullRequest === null ? `refs/heads/${baseRef}` : `refs/pull/${pullRequest}/merge`;
}

function forkOf({ trustDomain, pullRequest }: CachingRun): { readonly fork?: number } {
  return isUntrusted(trustDomain) ? { fork: pullRequest ?? 0 } : {};
}
