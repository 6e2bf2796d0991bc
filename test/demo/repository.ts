import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "T",
  GIT_AUTHOR_EMAIL: "t@example.com",
  GIT_COMMITTER_NAME: "T",
  GIT_COMMITTER_EMAIL: "t@example.com",
};

/** Runs git in a test's own directory. */
export function git(dir: string, ...args: readonly string[]): string {
  const config = ["-c", "protocol.file.allow=always"];
  return execFileSync("git", ["-C", dir, ...config, ...args], {
    env: ENV,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** A checkout with two commits. */
export function makeRepository(dir: string): {
  readonly dir: string;
  readonly headSha: string;
  readonly baseSha: string;
} {
  mkdirSync(dir, { recursive: true });
  git(dir, "init", "--quiet", "--initial-branch=trunk");
  for (const word of ["first", "second"]) {
    writeFileSync(join(dir, "file"), `${word}\n`);
    git(dir, "add", ".");
    git(dir, "commit", "--quiet", "-m", `The ${word}`);
  }
  return { dir, headSha: git(dir, "rev-parse", "HEAD"), baseSha: git(dir, "rev-parse", "HEAD~1") };
}

/** Every path below a directory with what a write would change: content, mode, times of change. */
export function fingerprint(dir: string): string {
  const hash = createHash("sha256");
  const paths = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  for (const path of ["", ...paths]) {
    const stat = lstatSync(join(dir, path));
    hash.update(`${path}\0${stat.mode}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.size}\n`);
    if (stat.isFile()) hash.update(readFileSync(join(dir, path)));
  }
  return hash.digest("hex");
}
