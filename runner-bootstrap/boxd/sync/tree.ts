/** Brings one work tree to one commit and proves it. Used for the repository and for each of its submodules. */

import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import type { SyncReason } from "../task.ts";
import { removeStubborn } from "./clean.ts";
import type { FetchDeps } from "./fetch.ts";
import { fetchCommit } from "./fetch.ts";
import type { Git } from "./git.ts";
import {
  ensureDirectory,
  forgetOldCommits,
  hasCommit,
  headOf,
  needsTidying,
  restoreGitDir,
  writeHead,
} from "./git-dir.ts";
import type { IndexFacts } from "./index-file.ts";
import { readIndexFacts } from "./index-file.ts";

export type TreeSpec = {
  readonly gitDir: string;
  readonly workTree: string;
  readonly remote: string;
  readonly sha: string;
  readonly keep: readonly string[];
  readonly usesLfs: boolean;
};

export type TreeEnd =
  | { readonly ok: true; readonly how: "unchanged" | "updated" | "checked_out"; readonly index: IndexFacts }
  | { readonly ok: false; readonly reason: SyncReason; readonly error: string };

const STATUS = [
  "status",
  "--porcelain=v2",
  "--branch",
  "--untracked-files=no",
  "--ignore-submodules=all",
  "-z",
];

/**
 * Three ways, the cheapest that fits: nothing to do (no network, one look); a tree that is proven to be the last
 * commit gets the difference only; anything else is checked out by force. Every way ends in the same proof.
 */
export async function syncTree(deps: FetchDeps, spec: TreeSpec): Promise<TreeEnd> {
  const { git } = deps;
  const { gitDir, workTree, sha } = spec;
  ensureDirectory(workTree);
  mkdirSync(gitDir, { recursive: true, mode: 0o700 });
  restoreGitDir(gitDir, spec.usesLfs);
  const head = headOf(gitDir);
  const before = readIndexFacts(join(gitDir, "index"));
  if (!before.isHonest) rmSync(join(gitDir, "index"), { force: true });

  const isKnown = before.isHonest && head !== undefined && hasCommit(gitDir, head);
  const isHere = hasCommit(gitDir, sha);
  if (!isHere && needsTidying(gitDir)) await git.run(["gc", "-q", "--prune=now"]);
  const [fetched, wasClean, cleaned] = await Promise.all([
    isHere ? ({ ok: true } as const) : fetchCommit(deps, spec.remote, sha),
    isKnown && isProven(git, head),
    isKnown && clean(git, spec),
  ]);
  if (!fetched.ok) return fetched;
  if (wasClean && cleaned && head === sha) return { ok: true, how: "unchanged", index: before };
  if (!isHere) forgetOldCommits(gitDir, sha);

  const isUpdated =
    wasClean &&
    cleaned &&
    head !== undefined &&
    (await git.run(["read-tree", "-m", "-u", head, sha])).code === 0;
  if (!isUpdated) {
    const forced = await checkOut(git, spec);
    if (forced !== undefined) return forced;
  }
  writeHead(gitDir, sha);
  const index = readIndexFacts(join(gitDir, "index"));
  // The difference leaves nothing behind but directories of submodules that are gone.
  const [proven, cleanNow] = await Promise.all([
    isProven(git, sha),
    (isUpdated && before.submodules.length === 0) || clean(git, spec),
  ]);
  if (!index.isHonest || !proven)
    return {
      ok: false,
      reason: "head_mismatch",
      error: `the work tree does not equal ${sha} after the checkout`,
    };
  if (!cleanNow)
    return { ok: false, reason: "not_clean", error: "files in the work tree could not be removed" };
  return { ok: true, how: isUpdated ? "updated" : "checked_out", index };
}

/** True when HEAD is `sha`, the index is its tree, and every tracked file is as the index says: one look of git's. */
async function isProven(git: Git, sha: string): Promise<boolean> {
  const { code, stdout } = await git.run(STATUS);
  const lines = stdout
    .toString("latin1")
    .split("\0")
    .filter((line) => line !== "");
  return code === 0 && lines.includes(`# branch.oid ${sha}`) && lines.every((line) => line.startsWith("# "));
}

async function clean(git: Git, spec: TreeSpec): Promise<boolean> {
  const args = ["clean", "-ffdxq", ...spec.keep.flatMap((pattern) => ["-e", `/${pattern}`])];
  if ((await git.run(args)).code === 0) return true;
  await removeStubborn(git, spec);
  return (await git.run(args)).code === 0;
}

async function checkOut(git: Git, spec: TreeSpec): Promise<Extract<TreeEnd, { ok: false }> | undefined> {
  const args = [
    "-c",
    `checkout.workers=${availableParallelism()}`,
    "checkout",
    "-q",
    "--force",
    "--detach",
    spec.sha,
  ];
  let end = await git.run(args);
  if (end.code !== 0) {
    // An index that does not fit its tree, or files in the way that are another user's.
    rmSync(join(spec.gitDir, "index"), { force: true });
    await removeStubborn(git, spec);
    end = await git.run(args);
  }
  return end.code === 0 ? undefined : { ok: false, reason: "other", error: end.stderr };
}
