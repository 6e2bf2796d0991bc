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

/** Git's twenty threads for a look would take every core from the fetch, which takes longer. */
const BESIDE_A_FETCH = ["-c", "core.preloadIndex=false"];
const STATUS = [
  "status",
  "--porcelain=v2",
  "--branch",
  "--untracked-files=no",
  "--ignore-submodules=all",
  "-z",
];

/**
 * Three ways, the cheapest that fits: nothing to do (no network, one look); a tree that is proven to be another commit
 * gets the difference only, and its index is proven anew; anything else is checked out by force and looked at as a whole.
 */
export async function syncTree(deps: FetchDeps, spec: TreeSpec): Promise<TreeEnd> {
  const { git } = deps;
  const { gitDir, workTree, sha } = spec;
  ensureDirectory(workTree);
  mkdirSync(gitDir, { recursive: true, mode: 0o700 });
  restoreGitDir(gitDir, spec.usesLfs);
  const head = headOf(gitDir);
  const isHere = hasCommit(gitDir, sha);
  if (!isHere && needsTidying(gitDir)) await git.run(["gc", "-q", "--prune=now"]);
  // First of all: the network takes longest.
  const fetching = isHere ? ({ ok: true } as const) : fetchCommit(deps, spec.remote, sha);
  const before = readIndexFacts(join(gitDir, "index"));
  if (!before.isHonest) rmSync(join(gitDir, "index"), { force: true });
  const isKnown = before.isHonest && head !== undefined && hasCommit(gitDir, head);
  const [fetched, isProvenHead, isClean] = await Promise.all([
    fetching,
    isKnown && isProven(git, head, isHere ? [] : BESIDE_A_FETCH),
    isKnown && clean(git, spec),
  ]);
  if (!fetched.ok) return fetched;
  const isWhole = isProvenHead && isClean;
  if (isWhole && head === sha) return { ok: true, how: "unchanged", index: before };
  if (!isHere) forgetOldCommits(gitDir, sha);

  if (isWhole && head !== undefined && before.submodules.length === 0) {
    const end = await goTo(git, spec, head);
    if (end !== undefined) return end;
  }
  return checkOutClean(git, spec);
}

/**
 * From a tree that is proven to be `head`, with nobody at work in it: git writes what differs and refuses where it finds
 * something else. Undefined when it did; then the index is not the commit's, or no longer honest.
 */
async function goTo(git: Git, spec: TreeSpec, head: string): Promise<TreeEnd | undefined> {
  if ((await git.run(["read-tree", "-m", "-u", head, spec.sha])).code !== 0) return undefined;
  const proving = git.run(["diff-index", "--cached", "--quiet", "--ignore-submodules=none", spec.sha]);
  const index = readIndexFacts(join(spec.gitDir, "index"));
  if ((await proving).code !== 0 || !index.isHonest) return undefined;
  writeHead(spec.gitDir, spec.sha);
  return { ok: true, how: "updated", index };
}

/** By force, from whatever is there. */
async function checkOutClean(git: Git, spec: TreeSpec): Promise<TreeEnd> {
  const first = await checkOut(git, spec);
  if (first !== undefined) return first;
  if (!(await clean(git, spec))) {
    // Moved aside, so checked out into nothing: what could not be removed is not there any more.
    const second = await checkOut(git, spec);
    if (second !== undefined) return second;
    if (!(await clean(git, spec))) {
      return { ok: false, reason: "not_clean", error: "files in the work tree could not be removed" };
    }
  }
  return prove(git, spec, "checked_out");
}

async function prove(git: Git, spec: TreeSpec, how: "updated" | "checked_out"): Promise<TreeEnd> {
  writeHead(spec.gitDir, spec.sha);
  const proving = isProven(git, spec.sha);
  // Read while git looks: it may write the same entries anew, by a rename.
  const index = readIndexFacts(join(spec.gitDir, "index"));
  const isAt = await proving;
  if (isAt && index.isHonest) return { ok: true, how, index };
  return {
    ok: false,
    reason: "head_mismatch",
    error: `the work tree does not equal ${spec.sha} after the checkout`,
  };
}

/** True when HEAD is `sha`, the index is its tree, and every tracked file is as the index says: one look of git's. */
async function isProven(git: Git, sha: string, config: readonly string[] = []): Promise<boolean> {
  const { code, stdout } = await git.run([...config, ...STATUS]);
  const lines = stdout
    .toString("latin1")
    .split("\0")
    .filter((line) => line !== "");
  return code === 0 && lines.includes(`# branch.oid ${sha}`) && lines.every((line) => line.startsWith("# "));
}

/** True when nothing is left that should not be. False after the tree was moved aside: it has to be made again. */
async function clean(git: Git, spec: TreeSpec): Promise<boolean> {
  const args = ["clean", "-ffdxq", ...spec.keep.flatMap((pattern) => ["-e", `/${pattern}`])];
  if ((await git.run(args)).code === 0) return true;
  return (await removeStubborn(git, spec)) === "removed" && (await git.run(args)).code === 0;
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
