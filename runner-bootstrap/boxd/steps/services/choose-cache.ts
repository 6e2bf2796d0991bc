/** Which of several caches a query means. */

export type CacheCandidate = { readonly key: string; readonly createdAt: number };

/**
 * As GitHub describes it: in one scope the exact key first, then the newest whose key begins with it, then each restore
 * key the same way. Versions and scopes are the caller's: a whole scope comes before the next one.
 */
export function chooseCache<T extends CacheCandidate>(
  candidates: readonly T[],
  keys: readonly string[],
): T | undefined {
  for (const key of keys) {
    const exact = candidates.find((candidate) => candidate.key === key);
    if (exact !== undefined) return exact;
    const newest = candidates
      .filter((candidate) => candidate.key.startsWith(key))
      .reduce<T | undefined>(
        (best, one) => (best === undefined || one.createdAt > best.createdAt ? one : best),
        undefined,
      );
    if (newest !== undefined) return newest;
  }
  return undefined;
}
