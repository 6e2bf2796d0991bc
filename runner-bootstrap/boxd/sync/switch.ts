/** From one commit to another by the difference, proven by the git that makes it. */

import { join } from "node:path";

import { treeOfCommit } from "./commit-tree.ts";
import type { TreeDeps } from "./fetch.ts";
import { headOf } from "./git-dir.ts";
import type { Git } from "./git.ts";
import type { IndexFacts } from "./index-file.ts";
import { readIndexFacts } from "./index-file.ts";
import type { TreeEnd, TreeSpec } from "./tree.ts";

/**
 * From a tree that is at another commit, nothing untracked in it, nobody at work in it. One run of git looks at every
 * tracked file, writes what differs, refuses where it would lose a change, and names the files that are not as the new
 * commit says: none may be. Undefined when that, or the index, is not as it should be.
 */
export async function switchTree(
  deps: TreeDeps,
  spec: TreeSpec,
  before: IndexFacts,
): Promise<TreeEnd | undefined> {
  const { git } = deps;
  const switching = git.run(["checkout", "--no-guess", "--detach", spec.sha, "--"]);
  deps.onLocal();
  const { code, stdout } = await switching;
  if (code !== 0 || stdout.length > 0) return undefined;
  const index = readIndexFacts(join(spec.gitDir, "index"));
  if (!index.isHonest || index.attributesId !== before.attributesId) return undefined;
  if (headOf(spec.gitDir) !== spec.sha || !(await isTreeOf(git, spec, index))) return undefined;
  return { ok: true, how: "updated", index };
}

/** True when the index is the commit's tree. git notes which one it is when it switches; where it did not, it compares. */
async function isTreeOf(git: Git, { gitDir, sha }: TreeSpec, { tree }: IndexFacts): Promise<boolean> {
  if (tree !== undefined && tree === treeOfCommit(gitDir, sha)) return true;
  return (await git.run(["diff-index", "--cached", "--quiet", "--ignore-submodules=none", sha])).code === 0;
}
