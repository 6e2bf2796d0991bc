/** Removing what git could not: files of another user, left by a container or by sudo. */

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Git } from "./git.ts";
import type { TreeSpec } from "./tree.ts";

/** Large trees take a while. */
const REMOVE_TIMEOUT_MS = 120_000;
/** Directories are one path each; argv has an end. */
const PATHS_MAX = 1_000;

/**
 * By sudo, where it asks for no password. Else the whole tree is moved aside, which needs no right over its content,
 * and what is to be kept is moved back; git then checks everything out again.
 */
export async function removeStubborn(git: Git, spec: TreeSpec): Promise<"removed" | "moved"> {
  const listed = await git.run(["clean", "-ffdxn", ...spec.keep.flatMap((pattern) => ["-e", `/${pattern}`])]);
  const paths =
    listed.code === 0 ? (await untracked(git, spec)).map((path) => join(spec.workTree, path)) : [];
  if (paths.length > 0 && bySudo(paths)) return "removed";
  moveAside(spec);
  return "moved";
}

function bySudo(paths: readonly string[]): boolean {
  const argv = ["-n", "rm", "-rf", "--", ...paths.slice(0, PATHS_MAX)];
  return spawnSync("sudo", argv, { stdio: "ignore", timeout: REMOVE_TIMEOUT_MS }).status === 0;
}

function moveAside(spec: TreeSpec): void {
  const aside = join(dirname(spec.gitDir), `aside-${process.pid}-${Date.now()}`);
  renameSync(spec.workTree, aside);
  mkdirSync(spec.workTree);
  for (const kept of spec.keep) {
    try {
      renameSync(join(aside, kept), join(spec.workTree, kept));
    } catch {
      // A glob, or not there, or not ours to move: hydration makes it again.
    }
  }
  try {
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another user's files stay aside, outside every work tree, until the box is gone.
  }
}

async function untracked(git: Git, spec: TreeSpec): Promise<string[]> {
  const { stdout } = await git.run([
    "ls-files",
    "-z",
    "--others",
    "--directory",
    ...spec.keep.flatMap((pattern) => ["-x", `/${pattern}`]),
  ]);
  return stdout
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "");
}
