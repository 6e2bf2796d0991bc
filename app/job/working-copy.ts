import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { askGit, git } from "./git.ts";

/** Mode of a submodule in git's index. */
const GITLINK = "160000";

/**
 * Copies a repository's working tree into `into`, which must not exist: the history (linked, not copied), what git tracks as it stands
 * now, and files that are not ignored. Deleted files stay away. The original is only read.
 */
export async function copyWorkingTree(root: string, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  const [tree, origin, head, branch] = await Promise.all([
    treeOf(root),
    git(root, "config", "--default", root, "remote.origin.url"),
    askGit(root, "rev-parse", "--verify", "--quiet", "HEAD"),
    askGit(root, "symbolic-ref", "--quiet", "HEAD"),
    git(root, "clone", "--quiet", "--no-checkout", "--local", "--", root, into),
  ]);
  await Promise.all([
    // Where the branch comes from, and an index that knows the commit; without a commit the index is empty, too.
    git(into, "remote", "set-url", "origin", origin),
    head === null ? null : git(into, "read-tree", head),
    // A clone guesses a branch where the original has none checked out.
    head === null || branch !== null ? null : git(into, "update-ref", "--no-deref", "HEAD", head),
    copyFiles(root, into, tree),
  ]);
}

type Tree = { readonly files: readonly string[]; readonly submodules: readonly string[] };

async function copyFiles(root: string, into: string, tree: Tree): Promise<void> {
  await tarAcross(root, into, tree.files);
  for (const path of tree.submodules) {
    const from = join(root, path);
    if (!existsSync(join(from, ".git"))) continue;
    mkdirSync(join(into, path), { recursive: true });
    await copyFiles(from, join(into, path), await treeOf(from));
  }
}

/** What there is to copy. One call of git: with `-t` and `--stage` what is tracked is `H MODE HASH STAGE<tab>PATH`, all else `? PATH`. */
async function treeOf(root: string): Promise<Tree> {
  const listed = await git(
    root,
    "ls-files",
    "-z",
    "-t",
    "--stage",
    "--cached",
    "--others",
    "--exclude-standard",
  );
  // A path in conflict is there once a side.
  const files = new Set<string>();
  const submodules = new Set<string>();
  for (const line of listed.split("\0")) {
    if (line.startsWith("? ")) files.add(line.slice(2));
    else if (line !== "")
      (line.slice(2).startsWith(GITLINK) ? submodules : files).add(line.slice(line.indexOf("\t") + 1));
  }
  return {
    files: [...files].filter(
      (path) => !submodules.has(path.replace(/\/$/u, "")) && isThere(join(root, path)),
    ),
    submodules: [...submodules],
  };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** `tar | tar` with the names on stdin: modes, links and times stay. */
async function tarAcross(from: string, into: string, files: readonly string[]): Promise<void> {
  const pack = spawn("tar", ["-C", from, "--null", "--no-recursion", "-T", "-", "-cf", "-"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const unpack = spawn("tar", ["-C", into, "-xf", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  // Each one's own end says what went wrong; a closed pipe only follows from it.
  pack.stdin.on("error", () => undefined);
  unpack.stdin.on("error", () => pack.kill());
  pack.stdout.pipe(unpack.stdin);
  pack.stdin.end(files.map((path) => `./${path}\0`).join(""));
  const codes = await Promise.all([pack, unpack].map(exitOf));
  if (codes.some((code) => code !== 0))
    throw new AppError(
      "internal",
      `The working tree ${from} could not be copied.`,
      "Look at what tar printed above: is a file unreadable, or the disk full? TMPDIR=DIR names another place.",
    );
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}
