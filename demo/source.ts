import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { DemoError } from "./demo-error.ts";

/** A repository of the person's own: where it is and which commits become the pull request. Only ever read. */
export type Source = {
  /** Its git directory; with LFS objects below it. */
  readonly gitDir: string;
  readonly owner: string;
  readonly name: string;
  readonly headSha: string;
  readonly baseSha: string;
  readonly subject: string;
  /** Something the person should know about the choice of commits. */
  readonly note: string | null;
};

export type SourceRequest = {
  readonly path: string;
  readonly head: string;
  readonly base: string | null;
  /** Where further repositories are served from: a name that is taken there is not free. */
  readonly githubRoot: string | null;
};

type GitAnswer = { readonly code: number; readonly text: string; readonly error: string };

/** Reading refs of the largest repositories takes well under a second; a dead network file system hangs. */
const GIT_TIMEOUT_MS = 30_000;
const DEFAULT_OWNER = "you";
/** The last two parts of `https://host/OWNER/NAME.git`, `git@host:OWNER/NAME` and the like. */
const REMOTE = /[/:](?<owner>[A-Za-z0-9][A-Za-z0-9-]{0,38})\/(?<name>[A-Za-z0-9._-]{1,100}?)(?:\.git)?\/?$/u;
const SERVED = /^(?<owner>[^/.][^/]*)\/(?<name>[^/]+)\.git$/u;
const URL_LIKE = /^(?:[a-z+]+:\/\/|[^/\\]+@[^/]+:)/u;

/** Finds the repository and pins both commits. Throws `DemoError` naming what was not found. */
export async function openSource(request: SourceRequest): Promise<Source> {
  const path = resolve(request.path);
  const found = await git(path, ["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  if (found.code !== 0)
    throw new DemoError(
      `${path} is not a git repository.`,
      "--repo takes a checkout or a bare repository.",
      found.error,
    );
  const headSha = await commit(path, request.head, "--head");
  const { baseSha, note } = await chooseBase(path, headSha, request.base);
  const subject = (await git(path, ["log", "-1", "--format=%s", headSha])).text;
  return {
    gitDir: found.text,
    ...freeName(await nameOf(path, found.text, request.githubRoot), request.githubRoot),
    headSha,
    baseSha,
    subject,
    note,
  };
}

async function chooseBase(
  path: string,
  headSha: string,
  base: string | null,
): Promise<{ baseSha: string; note: string | null }> {
  if (base !== null) return { baseSha: await commit(path, base, "--base"), note: null };
  const parent = await git(path, ["rev-parse", "--verify", "--quiet", `${headSha}^1^{commit}`]);
  if (parent.code === 0) return { baseSha: parent.text, note: null };
  const shallow = (await git(path, ["rev-parse", "--is-shallow-repository"])).text === "true";
  const why = shallow ? "The clone is shallow and ends at the head" : "The head is the first commit";
  return {
    baseSha: headSha,
    note: `${why}, so the same commit stands as the base; --base names another one.`,
  };
}

async function commit(path: string, ref: string, option: string): Promise<string> {
  const found = await git(path, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  if (found.code === 0) return found.text;
  throw new DemoError(
    `${path} has no commit "${ref}".`,
    `${option} takes a branch, a tag or a SHA that is there.`,
  );
}

/** Another name under the same owner where the repository itself is served already. */
function freeName(
  wanted: { owner: string; name: string },
  githubRoot: string | null,
): { owner: string; name: string } {
  const { owner, name } = wanted;
  const isTaken = githubRoot !== null && existsSync(join(githubRoot, owner, `${name}.git`));
  return isTaken ? { owner, name: `${name}-pull-request` } : wanted;
}

/** The name its origin has, so that relative submodule addresses lead where they should. */
async function nameOf(
  path: string,
  gitDir: string,
  githubRoot: string | null,
): Promise<{ owner: string; name: string }> {
  const served = githubRoot === null ? null : SERVED.exec(relative(resolve(githubRoot), gitDir))?.groups;
  if (served?.["owner"] !== undefined && served["name"] !== undefined)
    return { owner: served["owner"], name: served["name"] };
  const remote = await git(path, ["config", "--get", "remote.origin.url"]);
  const parts = URL_LIKE.test(remote.text) ? REMOTE.exec(remote.text)?.groups : undefined;
  if (parts?.["owner"] !== undefined && parts["name"] !== undefined)
    return { owner: parts["owner"], name: parts["name"] };
  const name = basename(path)
    .replace(/\.git$/u, "")
    .replaceAll(/[^A-Za-z0-9._-]+/gu, "-");
  return { owner: DEFAULT_OWNER, name: /[A-Za-z0-9]/u.test(name) ? name : "repository" };
}

/** Runs git in somebody else's repository: none of its hooks, nothing written, not even an index refresh. */
async function git(dir: string, args: readonly string[]): Promise<GitAnswer> {
  const child = spawn("git", ["-C", dir, "-c", "safe.directory=*", "-c", "core.fsmonitor=false", ...args], {
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: GIT_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let [text, error] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise<number>((done, failed) => {
    child.on("error", (cause) =>
      failed(
        new DemoError(
          "git could not be started.",
          "Install git and make sure it is on the PATH.",
          cause.message,
        ),
      ),
    );
    child.on("close", (status) => done(status ?? -1));
  });
  return { code, text: text.trim(), error: error.trim() };
}
