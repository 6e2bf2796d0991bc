/** boxd's own git directory of a repository, and the `.git` that the command sees. */

import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rm,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Commits kept as "have" for the next fetch; older ones are forgotten. */
const KEPT_COMMITS = 16;
/** What git's own gc.auto uses: 6,700 loose objects, 50 packs. */
const LOOSE_IN_ONE_OF_256 = 27;
const PACKS_MAX = 50;

const NO_HEAD = "ref: refs/heads/none\n";
const LFS_FILTER =
  '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n';

/**
 * Makes the directory when it is not there and puts everything back that could make git run or believe something:
 * configuration, hooks, info, alternates, locks. Where one uid makes it writable for the command, this is what undoes it.
 */
export function restoreGitDir(gitDir: string, usesLfs: boolean): void {
  for (const dir of ["objects/info", "objects/pack", "refs/crabbox"])
    mkdirSync(join(gitDir, dir), { recursive: true, mode: 0o700 });
  for (const name of [
    "hooks",
    "info",
    "worktrees",
    "commondir",
    "config.worktree",
    "objects/info/alternates",
    "objects/info/http-alternates",
  ])
    rmSync(join(gitDir, name), { recursive: true, force: true });
  for (const name of readdirSync(gitDir))
    if (name.endsWith(".lock") || name.startsWith("sharedindex."))
      rmSync(join(gitDir, name), { force: true });
  writeFileSync(
    join(gitDir, "config"),
    `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = false\n${usesLfs ? LFS_FILTER : ""}`,
  );
  if (!existsSync(join(gitDir, "HEAD"))) writeFileSync(join(gitDir, "HEAD"), NO_HEAD);
}

/** The ref under which a fetched commit is kept: without one, git would offer nothing and download everything again. */
export function commitRef(sha: string): string {
  return `refs/crabbox/${sha}`;
}

/** True when this commit was fetched before and is still kept. */
export function hasCommit(gitDir: string, sha: string): boolean {
  const ref = join(gitDir, commitRef(sha));
  // A power cut may have left the file empty.
  return existsSync(ref) && readFileSync(ref, "latin1").trim() === sha;
}

/** The commits that were fetched before and are still kept. */
export function keptCommits(gitDir: string): string[] {
  return readdirSync(join(gitDir, "refs/crabbox"))
    .filter((sha) => /^[0-9a-f]{40}$/.test(sha) && hasCommit(gitDir, sha))
    .slice(0, KEPT_COMMITS);
}

/** Keeps a commit whose objects are all here: from now on the next fetch says "have". */
export function linkCommit(gitDir: string, sha: string): void {
  writeFileSync(join(gitDir, "ref.new"), `${sha}\n`);
  renameSync(join(gitDir, "ref.new"), join(gitDir, commitRef(sha)));
}

/**
 * The commit HEAD is detached at, when it is kept. HEAD at any other is undone: a switch to a commit that is not all
 * here may have been cut short, and git would tell the remote that it has it.
 */
export function keptHead(gitDir: string): string | undefined {
  const sha = headOf(gitDir);
  if (sha !== undefined && hasCommit(gitDir, sha)) return sha;
  writeFileSync(join(gitDir, "HEAD"), NO_HEAD);
  return undefined;
}

/** The commit HEAD is detached at, or undefined. */
export function headOf(gitDir: string): string | undefined {
  const text = readFileSync(join(gitDir, "HEAD"), "latin1").trim();
  return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
}

/** Detaches HEAD, in one rename. */
export function writeHead(gitDir: string, sha: string): void {
  writeFileSync(join(gitDir, "HEAD.new"), `${sha}\n`);
  renameSync(join(gitDir, "HEAD.new"), join(gitDir, "HEAD"));
}

/** Forgets all but the newest commits. */
export function forgetOldCommits(gitDir: string, but: string): void {
  const dir = join(gitDir, "refs/crabbox");
  const names = readdirSync(dir);
  if (names.length <= KEPT_COMMITS) return;
  const byAge = names
    .filter((name) => name !== but)
    .sort((a, b) => statSync(join(dir, b)).mtimeMs - statSync(join(dir, a)).mtimeMs);
  for (const name of byAge.slice(KEPT_COMMITS - 1)) rmSync(join(dir, name), { force: true });
}

/** True when so much has gathered that git would tidy up by itself, were it allowed to. */
export function needsTidying(gitDir: string): boolean {
  const sample = join(gitDir, "objects/17");
  const loose = existsSync(sample) ? readdirSync(sample).length : 0;
  return (
    loose > LOOSE_IN_ONE_OF_256 ||
    readdirSync(join(gitDir, "objects/pack")).filter((name) => name.endsWith(".pack")).length > PACKS_MAX
  );
}

/** A work tree's `.git` in the making. */
export type StagedWorkGit = {
  /** Puts it into the work tree, once git is done there, in place of whatever was there. */
  putInPlace(
    usesLfs: boolean,
    submodules: readonly { readonly name: string; readonly remote: string }[],
  ): void;
};

/**
 * Makes the work tree's `.git` anew, beside boxd's own git directory: a repository of the command's own, detached at
 * `sha`, that borrows boxd's objects. Can be done while git is still at work on the tree.
 */
export function stageWorkGit(place: {
  readonly gitDir: string;
  readonly workTree: string;
  readonly sha: string;
  readonly remote: string;
}): StagedWorkGit {
  const { gitDir, workTree, sha, remote } = place;
  const staged = `${gitDir}-work`;
  const old = `${gitDir}-old`;
  for (const left of [staged, old]) rmSync(left, { recursive: true, force: true });
  for (const dir of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"])
    mkdirSync(join(staged, dir), { recursive: true });
  writeFileSync(join(staged, "HEAD"), `${sha}\n`);
  writeFileSync(join(staged, "objects/info/alternates"), `${join(gitDir, "objects")}\n`);
  return {
    putInPlace(usesLfs, submodules) {
      const initialised = submodules.map(
        (submodule) =>
          `[submodule ${quoted(submodule.name)}]\n\tactive = true\n\turl = ${quoted(submodule.remote)}\n`,
      );
      writeFileSync(
        join(staged, "config"),
        `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n[remote "origin"]\n\turl = ${quoted(remote)}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n${initialised.join("")}${usesLfs ? LFS_FILTER : ""}`,
      );
      for (const name of ["index", "shallow"])
        if (existsSync(join(gitDir, name))) copyFileSync(join(gitDir, name), join(staged, name));
      const git = join(workTree, ".git");
      try {
        renameSync(git, old);
      } catch {
        // There is none, or it is another user's.
        rmSync(git, { recursive: true, force: true });
      }
      renameSync(staged, git);
      // It may be large and nobody waits for it; what an early end leaves of it goes the next time.
      rm(old, { recursive: true, force: true }, () => undefined);
    },
  };
}

/** Makes `path` a directory; anything else in its place, a planted symlink too, is removed. */
export function ensureDirectory(path: string): void {
  if (existsSync(path) && !lstatSync(path).isDirectory()) rmSync(path, { force: true });
  mkdirSync(path, { recursive: true });
}

/** A value or a subsection's name in git's configuration. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\n\0]/g, "").replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
