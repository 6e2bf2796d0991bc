/** The sync phase: the commit the task names, in the work tree of its repository. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isDiskFull } from "../claim.ts";
import { gitDirOf, workTree } from "../layout.ts";
import type { PhaseResult } from "../phases.ts";
import type { SyncPhase } from "../task.ts";
import type { SyncReason } from "./sync-reason.ts";
import { syncRepository } from "./repository.ts";
import type { SyncDeps, TreeTools } from "./sync-types.ts";

const ASKPASS =
  '#!/bin/sh\ncase "$1" in Username*) echo x-access-token ;; *) printf "%s\\n" "$CRABBOX_SYNC_TOKEN" ;; esac\n';

/** Brings the commit and proves it; a failure carries a stable word and git's own text. */
export async function syncPhase(deps: SyncDeps, sync: SyncPhase): Promise<PhaseResult> {
  if (deps.probe.git === null) return failed("no_git", "git is not installed on the box");
  const gitHome = join(deps.layout.root, "git-home");
  const askpass = join(deps.layout.root, "askpass.sh");
  mkdirSync(gitHome, { recursive: true, mode: 0o700 });
  writeFileSync(askpass, ASKPASS, { mode: 0o700 });
  const tools: TreeTools = {
    ...deps,
    gitHome,
    askpass,
    gitVersion: deps.probe.git,
    syncInner: syncRepository,
  };
  const tree = workTree(deps.layout, sync.owner, sync.repo);
  const gitDir = gitDirOf(deps.layout, sync.owner, sync.repo);
  try {
    mkdirSync(dirname(tree), { recursive: true, mode: 0o700 });
    // There before the sandbox is, which shows only what it finds.
    mkdirSync(`${gitDir}-modules`, { recursive: true, mode: 0o700 });
    const spec = { gitDir, workTree: tree, remote: sync.remote, sha: sync.sha, keep: sync.keep };
    const end = await syncRepository(tools, spec, sync.remote, 0);
    return end.ok ? { detail: end.how } : failed(end.reason, end.error);
  } catch (error) {
    return failed(isDiskFull(error) ? "disk_full" : "other", String(error));
  }
}

function failed(reason: SyncReason, error: string): PhaseResult {
  return { failed: true, detail: reason, exit: { why: "sync_failed", syncReason: reason, error } };
}
