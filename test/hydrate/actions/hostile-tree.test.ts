import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMirrorSource } from "../../../app/hydrate/actions/mirror-source.ts";
import { bare, git, room } from "./repositories.ts";

type Entry = { readonly mode: string; readonly name: string; readonly sha: string };

/** Trees as no git would make them. */
function makeTree(repository: string, entries: readonly Entry[]): string {
  const input = Buffer.concat(
    entries.map(({ mode, name, sha }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, "hex")]),
    ),
  );
  const args = ["--git-dir", repository, "hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
  return execFileSync("git", args, { input, encoding: "utf8" }).trim();
}

function blob(repository: string, text: string): string {
  const args = ["--git-dir", repository, "hash-object", "-w", "--stdin"];
  return execFileSync("git", args, { input: text, encoding: "utf8" }).trim();
}

async function unpacking(make: (repository: string) => string): Promise<() => Promise<void>> {
  const root = room();
  bare(root, "a/b", { x: "1" });
  const repository = join(root, "a/b.git");
  const sha = git(repository, "commit-tree", "-m", "x", make(repository));
  const dir = join(root, "out");
  return async () => {
    try {
      await createMirrorSource(root).unpack("a/b", sha, dir);
    } finally {
      expect(existsSync(dir)).toBe(false);
    }
  };
}

test("a path with `..` is refused", async () => {
  const unpack = await unpacking((repository) => {
    const inner = makeTree(repository, [{ mode: "100644", name: "x", sha: blob(repository, "1") }]);
    return makeTree(repository, [{ mode: "40000", name: "..", sha: inner }]);
  });
  await expect(unpack()).rejects.toThrow(/path `\.\.\/x` leaves its tree/u);
});

test("a .git folder is refused", async () => {
  const unpack = await unpacking((repository) => {
    const inner = makeTree(repository, [{ mode: "100644", name: "config", sha: blob(repository, "1") }]);
    return makeTree(repository, [{ mode: "40000", name: ".GIT", sha: inner }]);
  });
  await expect(unpack()).rejects.toThrow(/leaves its tree/u);
});

test("a file behind a link is refused", async () => {
  const unpack = await unpacking((repository) => {
    const inner = makeTree(repository, [{ mode: "100644", name: "x", sha: blob(repository, "1") }]);
    return makeTree(repository, [
      { mode: "120000", name: "a", sha: blob(repository, "sub") },
      { mode: "40000", name: "a", sha: inner },
    ]);
  });
  await expect(unpack()).rejects.toThrow(/written through a link/u);
});

test("100,000 files are refused before one is written", async () => {
  const unpack = await unpacking((repository) => {
    const sha = blob(repository, "1");
    const hundred = makeTree(
      repository,
      Array.from({ length: 1000 }, (_, n) => ({
        mode: "100644",
        name: `f${String(n).padStart(4, "0")}`,
        sha,
      })),
    );
    return makeTree(
      repository,
      Array.from({ length: 100 }, (_, n) => ({
        mode: "40000",
        name: `d${String(n).padStart(4, "0")}`,
        sha: hundred,
      })),
    );
  });
  await expect(unpack()).rejects.toThrow(/100000 files/u);
});

test("a bomb is refused by what it would take, not by what it is", async () => {
  const unpack = await unpacking((repository) => {
    const sha = blob(repository, "0".repeat(4 * 1024 * 1024));
    return makeTree(
      repository,
      Array.from({ length: 300 }, (_, n) => ({
        mode: "100644",
        name: `f${String(n).padStart(4, "0")}`,
        sha,
      })),
    );
  });
  await expect(unpack()).rejects.toThrow(/1258291200 bytes/u);
});
