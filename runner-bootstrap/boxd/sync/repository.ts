/** One repository: its tree, its large files, its submodules, then the command's own `.git`. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { writeWorkGit } from "./git-dir.ts";
import type { GitPlace } from "./git.ts";
import { createGit, tokenEnvironment } from "./git.ts";
import { pullLfs, usesLfs } from "./lfs.ts";
import { syncSubmodules } from "./submodules.ts";
import type { RepositoryEnd, RepositorySpec, TreeTools } from "./sync-types.ts";
import { syncTree } from "./tree.ts";

/** One repository with all that is in it; calls itself for submodules, `depth` levels down. */
export async function syncRepository(
  tools: TreeTools,
  spec: RepositorySpec,
  topRemote: string,
  depth: number,
): Promise<RepositoryEnd> {
  const place: GitPlace = {
    gitDir: spec.gitDir,
    workTree: spec.workTree,
    home: tools.gitHome,
    signal: tools.signal,
  };
  const git = createGit(place);
  // The header is for the App's GitHub alone; a submodule on another host gets none.
  const isOurs = new URL(spec.remote).origin === new URL(topRemote).origin;
  const token = (): string | undefined => (isOurs ? tools.token() : undefined);
  const tokenEnv = (): Record<string, string> =>
    tokenEnvironment(spec.remote, token(), tools.gitVersion, tools.askpass);
  const lfsBefore = readFlag(join(spec.gitDir, "crabbox-lfs"));
  const end = await syncTree(
    { git, gitDir: spec.gitDir, signal: tools.signal, token, tokenEnv },
    { ...spec, usesLfs: lfsBefore },
  );
  if (!end.ok) return end;
  const hasLfs = end.index.attributes.length > 0 && usesLfs(spec.workTree, end.index.attributes);
  if (hasLfs || lfsBefore) {
    const pulled = await pullLfs({ git, tokenEnv, hasGitLfs: tools.probe.gitLfs }, spec, hasLfs);
    if (!pulled.ok) return pulled;
  }
  const { submodules } = end.index;
  const inner =
    submodules.length === 0
      ? undefined
      : await syncSubmodules(tools, git, spec, submodules, topRemote, depth);
  if (inner?.ok === false) return inner;
  writeWorkGit(spec, hasLfs, inner?.brought ?? []);
  return { ok: true, how: end.how };
}

function readFlag(path: string): boolean {
  try {
    return readFileSync(path, "latin1") === "1";
  } catch {
    return false; // Never set: the repository has no large files so far.
  }
}
