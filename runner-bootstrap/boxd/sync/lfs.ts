/** Large files: pulled after the checkout, never by a filter during it. */

import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Git } from "./git.ts";
import { restoreGitDir } from "./git-dir.ts";
import type { RepositoryEnd, RepositorySpec } from "./sync-types.ts";

/** A `.gitattributes` of more is not written by people. */
const ATTRIBUTES_MAX_BYTES = 1024 * 1024;

export type LfsDeps = {
  readonly git: Git;
  readonly tokenEnv: () => Record<string, string>;
  readonly hasGitLfs: boolean;
};

/** True when one of these files gives any path to git-lfs. */
export function usesLfs(tree: string, attributes: readonly string[]): boolean {
  return attributes.some((name) => {
    const path = join(tree, name);
    if (!existsSync(path)) return false;
    const stat = lstatSync(path);
    return (
      stat.isFile() &&
      stat.size <= ATTRIBUTES_MAX_BYTES &&
      /^[^#\n]*\sfilter=lfs(?:\s|$)/m.test(readFileSync(path, "utf8"))
    );
  });
}

/** Pulls what the commit names and proves the tree once more, now by git-lfs's own filter. */
export async function pullLfs(deps: LfsDeps, spec: RepositorySpec, hasLfs: boolean): Promise<RepositoryEnd> {
  writeFileSync(join(spec.gitDir, "crabbox-lfs"), hasLfs ? "1" : "0");
  restoreGitDir(spec.gitDir, hasLfs);
  if (!hasLfs) return { ok: true, how: "" };
  if (!deps.hasGitLfs)
    return {
      ok: false,
      reason: "lfs",
      error: "the repository uses Git LFS, and git-lfs is not installed on the box",
    };
  const storage = { GIT_LFS_SKIP_SMUDGE: "0" };
  const remote = ["-c", `remote.origin.url=${spec.remote}`];
  const pulled = await deps.git.run([...remote, "lfs", "pull", "origin"], { ...deps.tokenEnv(), ...storage });
  if (pulled.code !== 0)
    return {
      ok: false,
      reason: "lfs",
      error: `git lfs pull: ${pulled.stderr || pulled.stdout.toString("utf8").trim()}`,
    };
  const status = await deps.git.run([
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--ignore-submodules=all",
  ]);
  if (status.code !== 0 || status.stdout.length > 0)
    return {
      ok: false,
      reason: "lfs",
      error: `large files are not complete: ${status.stdout.toString("utf8").slice(0, 500)}`,
    };
  return { ok: true, how: "" };
}
