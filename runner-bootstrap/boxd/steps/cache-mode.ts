/** What a job may do with caches: `cache-mode` of GitHub's workflow syntax. Dependency-free: the App and the box both import it. */

/** The words that GitHub takes (docs.github.com, workflow syntax, `cache-mode`). */
export const CACHE_MODES = ["read", "write", "write-only", "none"] as const;

/** `read` restores, `write-only` saves, `write` does both. */
export type CacheMode = (typeof CACHE_MODES)[number];

type Says = { readonly cacheMode?: CacheMode };

/** What holds where neither the workflow nor a caller of it says anything. */
export const DEFAULT_CACHE_MODE: CacheMode = "write";

export function mayRestore(mode: CacheMode): boolean {
  return mode === "read" || mode === "write";
}

export function maySave(mode: CacheMode): boolean {
  return mode === "write" || mode === "write-only";
}

/** The job's word, else its workflow's, else what the caller grants; undefined where nobody says anything. */
export function effectiveCacheMode(
  job: Says,
  workflow: Says,
  granted: CacheMode | undefined,
): CacheMode | undefined {
  return job.cacheMode ?? workflow.cacheMode ?? granted;
}

/** Whether a called workflow may have `asked`: never more than its caller grants. */
export function isGranted(asked: CacheMode, granted: CacheMode): boolean {
  return (!mayRestore(asked) || mayRestore(granted)) && (!maySave(asked) || maySave(granted));
}
