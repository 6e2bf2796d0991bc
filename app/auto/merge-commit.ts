import type { Clock } from "../clock.ts";
import { shortLine } from "../clamp.ts";
import type { Changes, TestMerge } from "../github/changes.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { EndedRun } from "../store/runs.ts";

export type MergeDeps = {
  readonly clock: Pick<Clock, "sleep">;
  readonly changes: Pick<Changes, "testMerge">;
  readonly branchTip: (repository: RepositoryRef, branch: string) => Promise<string>;
};

export type MergeCommit =
  | { readonly ok: true; readonly sha: string; readonly baseSha: string }
  /** How a run of it ends, since there is nothing to test. */
  | { readonly ok: false; readonly ended: EndedRun };

/** GitHub finds out within seconds after a push; together these stay well under what a handler may take. */
const WAITS_MS = [1_000, 2_000, 3_000, 5_000, 8_000] as const;
/** A branch's name in a report. */
const REF_BYTES = 100;

/**
 * The merge of exactly this head into exactly the base branch's tip of now, as GitHub made it: both are its parents, or it is not taken.
 * Waits a while for GitHub to make it.
 */
export async function mergeCommit(
  deps: MergeDeps,
  repository: RepositoryRef,
  pull: { readonly number: number; readonly headSha: string; readonly baseRef: string },
): Promise<MergeCommit> {
  const base = shortLine(pull.baseRef, REF_BYTES);
  for (let n = 0; ; n += 1) {
    const [tip, merge] = await Promise.all([
      deps.branchTip(repository, pull.baseRef),
      deps.changes.testMerge(repository, pull.number),
    ]);
    if (merge.kind === "ready" && isOf(merge, tip, pull.headSha))
      return { ok: true, sha: merge.sha, baseSha: tip };
    if (merge.kind === "conflict") {
      return failed(
        `The pull request conflicts with ${base}, so there is no merge commit to test.`,
        `Merge or rebase ${base}, resolve the conflicts and push.`,
      );
    }
    const waitMs = WAITS_MS[n];
    if (waitMs === undefined)
      return failed(
        `GitHub has not made the merge of this commit into the tip of ${base} in time.`,
        "Push again, or close and reopen the pull request, to have it tried again.",
      );
    await deps.clock.sleep(waitMs);
  }
}

function isOf(merge: Extract<TestMerge, { kind: "ready" }>, baseTip: string, headSha: string): boolean {
  const [first, second, third] = merge.parents;
  return first === baseTip && second === headSha && third === undefined;
}

function failed(message: string, hint: string): MergeCommit {
  return { ok: false, ended: { outcome: "sync_failed", detail: { message, hint } } };
}
