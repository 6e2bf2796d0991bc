/** Small real repositories for the tests. */

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type Repository = {
  /** Runs git in the source work tree and gives its trimmed stdout. */
  git(...args: readonly string[]): string;
  write(files: Readonly<Record<string, string>>): void;
  remove(path: string): void;
  /** Commits everything and pushes it; gives the SHA. */
  commit(message: string): string;
};

/** A work tree at `dir` that pushes to `bare`. */
export function makeRepository(dir: string, bare: string): Repository {
  mkdirSync(dir, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync(
      "git",
      ["-C", dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args],
      {
        env: { PATH: process.env["PATH"], HOME: dir, GIT_CONFIG_NOSYSTEM: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    )
      .toString()
      .trim();
  git("init", "-q", "-b", "main");
  return {
    git,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, name)), { recursive: true });
        writeFileSync(join(dir, name), text);
      }
    },
    remove: (path) => rmSync(join(dir, path), { recursive: true }),
    commit(message) {
      git("add", "-A", "-f");
      git("commit", "-q", "--allow-empty", "-m", message);
      git("push", "-q", "-f", bare, "HEAD:main");
      return git("rev-parse", "HEAD");
    },
  };
}
