/** One repository: its tree, its large files, its submodules, then the command's own `.git`. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { StagedWorkGit } from "./git-dir.ts";
import { stageWorkGit } from "./git-dir.ts";
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
    shells: tools.shells,
  };
  const git = createGit(place);
  // The header is for the App's GitHub alone; a submodule on another host gets none.
  const isOurs = new URL(spec.remote).origin === new URL(topRemote).origin;
  const token = (): string | undefined => (isOurs ? tools.token() : undefined);
  const tokenEnv = (): Record<string, string> =>
    tokenEnvironment(spec.remote, token(), tools.gitVersion, tools.askpass);
  const lfsBefore = readFlag(join(spec.gitDir, "crabbox-lfs"));
  // Both to their ends, so that nothing is at work on the tree when a fault of one is told.
  const [synced, staged] = await Promise.allSettled([
    syncTree(
      { git, gitDir: spec.gitDir, signal: tools.signal, token, tokenEnv, onLocal: tools.onLocal },
      { ...spec, usesLfs: lfsBefore },
    ),
    staging(spec),
  ]);
  if (synced.status === "rejected") throw synced.reason;
  if (staged.status === "rejected") throw staged.reason;
  const end = synced.value;
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
  staged.value.putInPlace(hasLfs, inner?.brought ?? []);
  return { ok: true, how: end.how };
}

async function staging(spec: RepositorySpec): Promise<StagedWorkGit> {
  return stageWorkGit(spec);
}

function readFlag(path: string): boolean {
  try {
    return readFileSync(path, "latin1") === "1";
  } catch {
    return false; // Never set: the repository has no large files so far.
  }
}
