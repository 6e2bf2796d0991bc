import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { git } from "./git.ts";
import type { RepositoryFacts } from "./repository-facts.ts";

/** Mode of a submodule in git's index. */
const GITLINK = "160000";

/**
 * Copies a repository's working tree into `into`, which must not exist: the history (linked, not copied), what git tracks as it stands
 * now, and files that are not ignored. Deleted files stay away. The original is only read. Throws once all has ended when `until` is
 * aborted.
 */
export async function copyWorkingTree(facts: CopiedFacts, into: string, until?: AbortSignal): Promise<void> {
  mkdirSync(into, { recursive: true });
  const ended = await Promise.allSettled([
    treeOf(facts.root, until).then((tree) => copyFiles(facts.root, into, tree, until)),
    copyHistory(facts, into, until),
  ]);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

type CopiedFacts = Pick<RepositoryFacts, "root" | "origin" | "sha" | "ref">;

/** Beside the files, because git clones into no folder that has any. */
async function copyHistory(
  { root, origin, sha, ref }: CopiedFacts,
  into: string,
  until: AbortSignal | undefined,
): Promise<void> {
  const beside = `${into}.history`;
  await git(root, ["clone", "--quiet", "--no-checkout", "--local", "--", root, beside], until);
  const inside = (...args: readonly string[]): Promise<string> => git(beside, args, until);
  await Promise.all([
    // Where the branch comes from, and an index that knows the commit; without a commit the index is empty, too.
    inside("remote", "set-url", "origin", origin ?? root),
    sha === null ? null : inside("read-tree", sha),
    // A clone guesses a branch where the original has none checked out.
    sha === null || ref !== null ? null : inside("update-ref", "--no-deref", "HEAD", sha),
  ]);
  renameSync(join(beside, ".git"), join(into, ".git"));
  rmdirSync(beside);
}

type Tree = { readonly files: readonly string[]; readonly submodules: readonly string[] };

async function copyFiles(
  root: string,
  into: string,
  tree: Tree,
  until: AbortSignal | undefined,
): Promise<void> {
  await tarAcross(root, into, tree.files, until);
  for (const path of tree.submodules) {
    const from = join(root, path);
    if (!existsSync(join(from, ".git"))) continue;
    mkdirSync(join(into, path), { recursive: true });
    await copyFiles(from, join(into, path), await treeOf(from, until), until);
  }
}

/** What there is to copy. One call of git: with `-t` and `--stage` what is tracked is `H MODE HASH STAGE<tab>PATH`, all else `? PATH`. */
async function treeOf(root: string, until: AbortSignal | undefined): Promise<Tree> {
  const asked = ["ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard"];
  const listed = await git(root, asked, until);
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
async function tarAcross(
  from: string,
  into: string,
  files: readonly string[],
  until: AbortSignal | undefined,
): Promise<void> {
  until?.throwIfAborted();
  const pack = spawn("tar", ["-C", from, "--null", "--no-recursion", "-T", "-", "-cf", "-"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const unpack = spawn("tar", ["-C", into, "-xf", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  // Each one's own end says what went wrong; a closed pipe only follows from it.
  pack.stdin.on("error", () => undefined);
  unpack.stdin.on("error", () => pack.kill());
  pack.stdout.pipe(unpack.stdin);
  pack.stdin.end(files.map((path) => `./${path}\0`).join(""));
  // The other one's pipe breaks.
  const end = (): void => void pack.kill();
  until?.addEventListener("abort", end, { once: true });
  const codes = await Promise.all([pack, unpack].map(exitOf));
  until?.removeEventListener("abort", end);
  until?.throwIfAborted();
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
