/** Brings one work tree to one commit and proves it. Used for the repository and for each of its submodules. */

import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { SyncReason } from "./sync-reason.ts";
import { KEPT, bring, keep } from "./bring.ts";
import { removeStubborn } from "./clean.ts";
import type { TreeDeps } from "./fetch.ts";
import type { Git } from "./git.ts";
import {
  ensureDirectory,
  forgetOldCommits,
  hasCommit,
  keptHead,
  linkCommit,
  needsTidying,
  restoreGitDir,
  writeHead,
} from "./git-dir.ts";
import type { IndexFacts } from "./index-file.ts";
import { readIndexFacts } from "./index-file.ts";
import { switchTree } from "./switch.ts";

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
 * Three ways, the cheapest that fits: nothing to do (no network, one look); a tree that is at another commit gets the
 * difference, and what git has looked at meanwhile is the proof; anything else is checked out by force and looked at.
 */
export async function syncTree(deps: TreeDeps, spec: TreeSpec): Promise<TreeEnd> {
  const { git } = deps;
  const { gitDir, workTree, sha } = spec;
  ensureDirectory(workTree);
  mkdirSync(gitDir, { recursive: true, mode: 0o700 });
  restoreGitDir(gitDir, spec.usesLfs);
  const head = keptHead(gitDir);
  const isHere = hasCommit(gitDir, sha);
  if (!isHere && needsTidying(gitDir)) await git.run(["gc", "-q", "--prune=now"]);
  // First of all: the network takes longest.
  const fetching = isHere ? KEPT : bring(deps, spec.remote, sha);
  // A turn of the loop, in which the question goes out.
  if (!isHere) await setImmediate();
  const before = readIndexFacts(join(gitDir, "index"));
  if (!before.isHonest) rmSync(join(gitDir, "index"), { force: true });
  const isKnown = before.isHonest && head !== undefined;
  const isThere = isKnown && head === sha;
  const proving = isThere && isProven(git, sha);
  const cleaning = isKnown && clean(git, spec);
  if (isThere) deps.onLocal();
  const [fetched, isProvenThere, isClean] = await Promise.all([fetching, proving, cleaning]);
  if (!fetched.ok) return fetched;
  if (isProvenThere && isClean) return { ok: true, how: "unchanged", index: before };
  if (!isHere) forgetOldCommits(gitDir, sha);

  if (isClean && !isThere && head !== undefined && before.submodules.length === 0) {
    const end = await switchTree(deps, spec, before);
    if (end !== undefined) {
      if (!fetched.isKept) linkCommit(gitDir, sha);
      return end;
    }
    // git may have come there and found files missing: HEAD says "have", too.
    writeHead(gitDir, head);
  }
  const kept = fetched.isKept ? fetched : await keep(deps, spec);
  if (!kept.ok) return kept;
  const checkingOut = checkOutClean(git, spec, before);
  deps.onLocal();
  return checkingOut;
}

/** By force, from whatever is there. */
async function checkOutClean(git: Git, spec: TreeSpec, before: IndexFacts): Promise<TreeEnd> {
  const first = await checkOut(git, spec);
  if (first !== undefined) return first;
  const index = join(spec.gitDir, "index");
  if (before.isHonest && readIndexFacts(index).attributesId !== before.attributesId) {
    // git leaves a file alone whose content is unchanged, even where other attributes give it other bytes.
    rmSync(index, { force: true });
    const again = await checkOut(git, spec);
    if (again !== undefined) return again;
  }
  if (!(await clean(git, spec))) {
    // Moved aside, so checked out into nothing: what could not be removed is not there any more.
    const second = await checkOut(git, spec);
    if (second !== undefined) return second;
    if (!(await clean(git, spec))) {
      return { ok: false, reason: "not_clean", error: "files in the work tree could not be removed" };
    }
  }
  return prove(git, spec);
}

async function prove(git: Git, spec: TreeSpec): Promise<TreeEnd> {
  writeHead(spec.gitDir, spec.sha);
  const proving = isProven(git, spec.sha);
  // Read while git looks: it may write the same entries anew, by a rename.
  const index = readIndexFacts(join(spec.gitDir, "index"));
  const isAt = await proving;
  if (isAt && index.isHonest) return { ok: true, how: "checked_out", index };
  return {
    ok: false,
    reason: "head_mismatch",
    error: `the work tree does not equal ${spec.sha} after the checkout`,
  };
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
