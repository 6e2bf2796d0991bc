/** Bringing a commit the cheapest way that can be trusted, and keeping it once all of it is here. */

import { fetchDirectly } from "./direct-fetch.ts";
import { fetchCommit } from "./fetch.ts";
import type { FetchDeps, FetchEnd } from "./fetch.ts";
import { linkCommit } from "./git-dir.ts";
import type { TreeSpec } from "./tree.ts";

/** Here, whole, and under its ref; or here, the rest still to be proven. */
export type Brought = { readonly ok: true; readonly isKept: boolean } | Extract<FetchEnd, { ok: false }>;

export const KEPT = { ok: true, isKept: true } as const;
/** By one request where that is enough; else by git's fetch, which looks whether all is there and keeps the commit. */
export async function bring(deps: FetchDeps, remote: string, sha: string): Promise<Brought> {
  if (await fetchDirectly(deps, remote, sha)) return { ok: true, isKept: false };
  const end = await fetchCommit(deps, remote, sha);
  return end.ok ? KEPT : end;
}

/**
 * Keeps a commit that came by one request, once git has found all that is in it; else git fetches it anew. Only kept
 * commits count as known to be whole: HEAD may have come to this one already.
 */
export async function keep(
  { git, ...deps }: FetchDeps,
  { gitDir, remote, sha }: TreeSpec,
): Promise<FetchEnd> {
  if ((await git.run(["rev-list", "--objects", "--quiet", sha, "--not", "--glob=refs/crabbox"])).code !== 0)
    return fetchCommit({ git, ...deps }, remote, sha);
  linkCommit(gitDir, sha);
  return KEPT;
}
