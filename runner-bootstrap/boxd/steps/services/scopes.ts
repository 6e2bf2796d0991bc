/** Which caches a job may read and write. */

import type { CacheScope } from "./store.ts";

export type CacheOrigin = {
  readonly repository: string;
  /** Full ref of the run: `refs/heads/topic`, `refs/pull/7/merge`. */
  readonly ref: string;
  /** Full ref of the branch a pull request goes to. */
  readonly baseRef?: string;
  /** Full ref. */
  readonly defaultRef: string;
  /** Number of the pull request when its head is in a fork. */
  readonly fork?: number;
};

/**
 * As GitHub does it: written to the run's own ref only; read from there, then from the base, then from the default
 * branch. What a fork writes lies in a domain that no trusted run reads, even when the refs have the same name.
 */
export function cacheScopes(origin: CacheOrigin): {
  readonly write: CacheScope;
  readonly read: readonly CacheScope[];
} {
  const { repository, fork } = origin;
  const write: CacheScope = {
    repository,
    domain: fork === undefined ? "trusted" : `fork:${fork}`,
    ref: origin.ref,
  };
  const trusted = [origin.baseRef, origin.defaultRef]
    .filter((ref) => ref !== undefined && (fork !== undefined || ref !== origin.ref))
    .map((ref): CacheScope => ({ repository, domain: "trusted", ref: ref ?? origin.ref }));
  const read = [
    write,
    ...trusted.filter((scope, at) => trusted.findIndex((s) => s.ref === scope.ref) === at),
  ];
  return { write, read };
}
