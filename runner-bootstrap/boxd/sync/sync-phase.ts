/** The sync phase: the repository, its submodules, its large files, then the command's own `.git`. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Journal } from "../journal.ts";
import type { Layout } from "../layout.ts";
import { gitDirOf, workTree } from "../layout.ts";
import type { PhaseResult } from "../phases.ts";
import type { Probe } from "../probe.ts";
import type { SyncPhase, SyncReason } from "../task.ts";
import { createGit, tokenEnvironment } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { writeWorkGit } from "./git-dir.ts";
import { pullLfs, usesLfs } from "./lfs.ts";
import { syncSubmodules } from "./submodules.ts";
import type { TreeSpec } from "./tree.ts";
import { syncTree } from "./tree.ts";

export type SyncDeps = {
  readonly layout: Layout;
  readonly probe: Probe;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly token: () => string | undefined;
};

/** Everything one tree needs from its surroundings. */
export type TreeTools = SyncDeps & {
  readonly gitHome: string;
  readonly askpass: string;
  readonly gitVersion: string;
};

const ASKPASS =
  '#!/bin/sh\ncase "$1" in Username*) echo x-access-token ;; *) printf "%s\\n" "$CRABBOX_SYNC_TOKEN" ;; esac\n';

/** Brings the commit and proves it; a failure carries a stable word and git's own text. */
export async function syncPhase(deps: SyncDeps, sync: SyncPhase): Promise<PhaseResult> {
  if (deps.probe.git === null) return failed("no_git", "git is not installed on the box");
  const gitHome = join(deps.layout.root, "git-home");
  const askpass = join(deps.layout.root, "askpass.sh");
  mkdirSync(gitHome, { recursive: true, mode: 0o700 });
  writeFileSync(askpass, ASKPASS, { mode: 0o700 });
  const tools: TreeTools = { ...deps, gitHome, askpass, gitVersion: deps.probe.git };
  const tree = workTree(deps.layout, sync.owner, sync.repo);
  const gitDir = gitDirOf(deps.layout, sync.owner, sync.repo);
  mkdirSync(dirname(tree), { recursive: true, mode: 0o700 });
  const end = await syncOne(
    tools,
    { gitDir, workTree: tree, remote: sync.remote, sha: sync.sha, keep: sync.keep },
    sync.remote,
    0,
  );
  return end.ok ? { detail: end.how } : failed(end.reason, end.error);
}

export type OneEnd =
  | { readonly ok: true; readonly how: string }
  | { readonly ok: false; readonly reason: SyncReason; readonly error: string };

/** One repository with all that is in it; calls itself for submodules, `depth` levels down. */
export async function syncOne(
  tools: TreeTools,
  spec: Omit<TreeSpec, "usesLfs">,
  topRemote: string,
  depth: number,
): Promise<OneEnd> {
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
  if (end.index.submodules.length > 0) {
    const inner = await syncSubmodules(tools, git, spec, end.index.submodules, topRemote, depth);
    if (!inner.ok) return inner;
  }
  writeWorkGit(spec.gitDir, spec.workTree, spec.sha, spec.remote, hasLfs);
  return { ok: true, how: end.how };
}

function readFlag(path: string): boolean {
  try {
    return readFileSync(path, "latin1") === "1";
  } catch {
    return false; // Never set: the repository has no large files so far.
  }
}

function failed(reason: SyncReason, error: string): PhaseResult {
  return { failed: true, detail: reason, exit: { why: "sync_failed", syncReason: reason, error } };
}
