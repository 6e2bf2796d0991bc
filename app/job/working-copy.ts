import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { git } from "./git.ts";

/** Mode of a submodule in git's index. */
const GITLINK = "160000";

/**
 * Copies a repository's working tree into `into`, which must not exist: the history (linked, not copied), what git tracks as it stands
 * now, and files that are not ignored. Deleted files stay away. The original is only read.
 */
export async function copyWorkingTree(root: string, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  await git(root, "clone", "--quiet", "--no-checkout", "--local", "--", root, into);
  await takeOver(root, into);
  await copyFiles(root, into);
}

/** The branch's name, where it comes from, and an index that knows the commit. */
async function takeOver(root: string, into: string): Promise<void> {
  const origin = await git(root, "config", "--default", root, "remote.origin.url");
  await git(into, "remote", "set-url", "origin", origin);
  await git(root, "rev-parse", "--verify", "--quiet", "HEAD").then(
    () => git(into, "read-tree", "HEAD"),
    // A repository without a commit has an empty index, too.
    () => undefined,
  );
}

async function copyFiles(root: string, into: string): Promise<void> {
  const listed = await git(
    root,
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
    "--deduplicate",
  );
  const submodules = await submodulesOf(root);
  const files = listed
    .split("\0")
    .filter(
      (path) => path !== "" && !submodules.includes(path.replace(/\/$/u, "")) && isThere(join(root, path)),
    );
  await tarAcross(root, into, files);
  for (const path of submodules) {
    if (!existsSync(join(root, path, ".git"))) continue;
    mkdirSync(join(into, path), { recursive: true });
    await copyFiles(join(root, path), join(into, path));
  }
}

async function submodulesOf(root: string): Promise<readonly string[]> {
  const staged = await git(root, "ls-files", "-z", "--stage");
  return staged
    .split("\0")
    .filter((line) => line.startsWith(GITLINK))
    .map((line) => line.slice(line.indexOf("\t") + 1));
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
  pack.stdout.pipe(unpack.stdin);
  pack.stdin.end(files.map((path) => `./${path}\0`).join(""));
  const codes = await Promise.all([pack, unpack].map(exitOf));
  if (codes.some((code) => code !== 0))
    throw new AppError(
      "internal",
      `The working tree ${from} could not be copied.`,
      "Look at what tar printed above: is a file unreadable, or the disk full?",
    );
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}
