import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { AppError } from "../errors.ts";
import { askGit } from "./git.ts";

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
  /** Of the commit that is checked out; empty before the first one. */
  readonly message: string;
};

const REMOTE = /[/:](?<owner>[\w.-]+)\/(?<name>[\w.-]+?)(?:\.git)?\/?$/u;

/** Reads them with git. Owner and name come from the remote `origin`, else from the folder's name. Throws `AppError` when PATH is no git repository. */
export async function repositoryFacts(path: string): Promise<RepositoryFacts> {
  const asked = resolve(path);
  if (!existsSync(asked) || !statSync(asked).isDirectory())
    throw new AppError("bad_request", `${path} is no folder.`, "Give a repository's folder with --repo.");
  const root = await askGit(asked, "rev-parse", "--show-toplevel");
  if (root === null)
    throw new AppError(
      "bad_request",
      `${path} is not inside a git work tree.`,
      "A workflow needs a commit to run for: `git init`, `git add` and `git commit` make one.",
    );
  const remote = (await askGit(root, "remote", "get-url", "origin")) ?? "";
  const named = REMOTE.exec(remote)?.groups;
  const branch = await askGit(root, "symbolic-ref", "--quiet", "--short", "HEAD");
  const head = await askGit(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
  return {
    root,
    owner: named?.["owner"] ?? "local",
    name: named?.["name"] ?? basename(root),
    sha: await askGit(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
    ref: branch === null ? null : `refs/heads/${branch}`,
    defaultBranch: head?.replace(/^origin\//u, "") ?? branch ?? "main",
    ...(await lastCommit(root)),
  };
}

async function lastCommit(root: string): Promise<Pick<RepositoryFacts, "author" | "message">> {
  const last = await askGit(root, "log", "-1", "--format=%an%n%ae%n%B");
  const [name = "", email = "nobody@localhost", ...message] = (last ?? "").split("\n");
  return { author: { name: name === "" ? "nobody" : name, email }, message: message.join("\n").trimEnd() };
}
