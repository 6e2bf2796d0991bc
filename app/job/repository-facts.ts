import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { AppError } from "../errors.ts";
import { askGit, whyNot } from "./git.ts";

/** What a repository on this machine says about itself, in GitHub's terms. */
export type RepositoryFacts = {
  /** Absolute path of the work tree's top. */
  readonly root: string;
  readonly owner: string;
  readonly name: string;
  /** The commit that is checked out; null before the first one. */
  readonly sha: string | null;
  /** `refs/heads/NAME`, or null when no branch is checked out. */
  readonly ref: string | null;
  readonly defaultBranch: string;
  /** The default branch's newest commit known here, the remote's before one's own; null when there is none. */
  readonly base: string | null;
  /** What was there before the commits that a push would bring: the branch on the remote, else HEAD's parent; null when there is neither. */
  readonly before: string | null;
  readonly author: { readonly name: string; readonly email: string };
  /** Where `origin` is, as configured; null when there is none. */
  readonly origin: string | null;
  /** Of the commit that is checked out; empty before the first one. */
  readonly message: string;
};

const TOP = ["rev-parse", "--show-toplevel"];
/** Where the default branch may be, the surest first; a clone that was not made by `git clone` has no `origin/HEAD`. */
const DEFAULTS = ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"];
const OWN_DEFAULTS = ["refs/heads/main", "refs/heads/master"];
const REMOTE = /[/:](?<owner>[\w.-]+)\/(?<name>[\w.-]+?)(?:\.git)?\/?$/u;

/** Reads them with git. Owner and name come from the remote `origin`, else from the folder's name. Throws `AppError` when PATH is no git repository. */
export async function repositoryFacts(path: string): Promise<RepositoryFacts> {
  const asked = resolve(path);
  if (!existsSync(asked) || !statSync(asked).isDirectory())
    throw new AppError("bad_request", `${path} is no folder.`, "Give a repository's folder with --repo.");
  const [root, remote, origin, branch, heads, upstream, last] = await askGit(asked, [
    TOP,
    ["remote", "get-url", "origin"],
    ["config", "remote.origin.url"],
    ["symbolic-ref", "--quiet", "--short", "HEAD"],
    ["for-each-ref", "--format=%(refname) %(objectname) %(symref)", ...DEFAULTS, ...OWN_DEFAULTS],
    ["rev-parse", "--quiet", "--verify", "@{upstream}"],
    ["log", "-1", "--no-show-signature", "--format=%H%n%P%n%an%n%ae%n%B"],
  ]);
  if (typeof root !== "string") throw await noWorkTree(path, asked);
  const { message, author, sha, parent } = lastCommit(last ?? null);
  const base = defaultOf(heads ?? "");
  const named = REMOTE.exec(remote ?? "")?.groups;
  return {
    root,
    owner: named?.["owner"] ?? "local",
    name: named?.["name"] ?? basename(root),
    origin: origin ?? null,
    ref: typeof branch === "string" ? `refs/heads/${branch}` : null,
    defaultBranch: base?.branch ?? branch ?? "main",
    base: base?.sha ?? null,
    before: typeof upstream === "string" && upstream !== sha ? upstream : parent,
    sha,
    author,
    message,
  };
}

/** Asked again, for git's own reason: it may not be there, or refuse another user's repository. */
async function noWorkTree(path: string, asked: string): Promise<AppError> {
  const why = await whyNot(asked, TOP);
  if (why.kind === "no git")
    return new AppError("bad_request", "There is no `git` on the PATH.", "Install git, then run again.");
  return new AppError(
    "bad_request",
    `${path} is not inside a git work tree that git reads: ${why.said}`,
    "Give --repo a clone with files. `git init` makes one of a folder; of a bare repository, `git clone` does.",
  );
}

/** `heads` is git's word of where the default branch may be, a line each; null when it is in none of these places. */
function defaultOf(heads: string): { readonly branch: string; readonly sha: string } | null {
  const lines = heads.split("\n").map((line) => line.split(" "));
  for (const wanted of [...DEFAULTS, ...OWN_DEFAULTS]) {
    const [ref, sha, symref] = lines.find(([name]) => name === wanted) ?? [];
    if (ref === undefined || sha === undefined) continue;
    const full = symref === undefined || symref === "" ? ref : symref;
    return { branch: full.replace(/^refs\/(?:heads|remotes\/origin)\//u, ""), sha };
  }
  return null;
}

/** `last` is git's word of it: hash, parents, name, address and message, a line each; null before the first one. */
function lastCommit(
  last: string | null,
): Pick<RepositoryFacts, "sha" | "author" | "message"> & { readonly parent: string | null } {
  const [sha = "", parents = "", name = "", email = "", ...message] = (last ?? "").split("\n");
  const [parent = ""] = parents.split(" ");
  return {
    sha: sha === "" ? null : sha,
    parent: parent === "" ? null : parent,
    author: { name: name === "" ? "nobody" : name, email: last === null ? "nobody@localhost" : email },
    message: message.join("\n").trimEnd(),
  };
}
