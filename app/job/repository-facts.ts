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
  readonly author: { readonly name: string; readonly email: string };
  /** Where `origin` is, as configured; null when there is none. */
  readonly origin: string | null;
  /** Of the commit that is checked out; empty before the first one. */
  readonly message: string;
};

const TOP = ["rev-parse", "--show-toplevel"];
const REMOTE = /[/:](?<owner>[\w.-]+)\/(?<name>[\w.-]+?)(?:\.git)?\/?$/u;

/** Reads them with git. Owner and name come from the remote `origin`, else from the folder's name. Throws `AppError` when PATH is no git repository. */
export async function repositoryFacts(path: string): Promise<RepositoryFacts> {
  const asked = resolve(path);
  if (!existsSync(asked) || !statSync(asked).isDirectory())
    throw new AppError("bad_request", `${path} is no folder.`, "Give a repository's folder with --repo.");
  const [root, remote, origin, branch, head, last] = await askGit(asked, [
    TOP,
    ["remote", "get-url", "origin"],
    ["config", "remote.origin.url"],
    ["symbolic-ref", "--quiet", "--short", "HEAD"],
    ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"],
    ["log", "-1", "--no-show-signature", "--format=%H%n%an%n%ae%n%B"],
  ]);
  if (typeof root !== "string") throw await noWorkTree(path, asked);
  const named = REMOTE.exec(remote ?? "")?.groups;
  return {
    root,
    owner: named?.["owner"] ?? "local",
    name: named?.["name"] ?? basename(root),
    origin: origin ?? null,
    ref: typeof branch === "string" ? `refs/heads/${branch}` : null,
    defaultBranch: head?.replace(/^origin\//u, "") ?? branch ?? "main",
    ...lastCommit(last ?? null),
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

/** `last` is git's word of it: hash, name, address and message, a line each; null before the first one. */
function lastCommit(last: string | null): Pick<RepositoryFacts, "sha" | "author" | "message"> {
  const [sha = "", name = "", email = "", ...message] = (last ?? "").split("\n");
  return {
    sha: sha === "" ? null : sha,
    author: { name: name === "" ? "nobody" : name, email: last === null ? "nobody@localhost" : email },
    message: message.join("\n").trimEnd(),
  };
}
