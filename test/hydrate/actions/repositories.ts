import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export type Files = Readonly<Record<string, string | { readonly link: string }>>;

/** A directory that is gone when the test is over. */
export function room(): string {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-actions-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** git with no configuration but the repository's. */
export function git(dir: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", dir, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: "a",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "a",
      GIT_COMMITTER_EMAIL: "a@example.com",
    },
  }).trim();
}

/** Makes the bare repository `root/OWNER/NAME.git` with one commit on `main`, tags on it, and answers the commit's SHA. */
export function bare(root: string, nwo: string, files: Files, tags: readonly string[] = []): string {
  const work = join(room(), "work");
  mkdirSync(work, { recursive: true });
  git(work, "init", "--quiet", "-b", "main");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    if (typeof content === "string") writeFileSync(join(work, path), content);
    else symlinkSync(content.link, join(work, path));
  }
  git(work, "add", "--all");
  git(work, "commit", "--quiet", "--allow-empty", "-m", "one");
  for (const tag of tags) git(work, "tag", "-a", "-m", tag, tag);
  const to = join(root, `${nwo}.git`);
  mkdirSync(dirname(to), { recursive: true });
  git(work, "clone", "--quiet", "--bare", work, to);
  git(to, "config", "uploadpack.allowAnySHA1InWant", "true");
  return git(work, "rev-parse", "HEAD");
}
