import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryFacts } from "../../app/job/repository-facts.ts";
import { copyWorkingTree } from "../../app/job/working-copy.ts";

const WHO = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "protocol.file.allow=always"];
let dir: string;
let repo: string;
const git = (at: string, ...args: string[]) =>
  execFileSync("git", [...WHO, "-C", at, ...args], { encoding: "utf8" });

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-copy-"));
  repo = join(dir, "shop");
  const library = join(dir, "library");
  for (const at of [repo, library]) {
    mkdirSync(at);
    git(at, "init", "--quiet", "--initial-branch=main");
  }
  writeFileSync(join(library, "lib.txt"), "lib\n");
  git(library, "add", ".");
  git(library, "commit", "--quiet", "-m", "lib");
  writeFileSync(join(repo, ".gitignore"), "ignored\n");
  writeFileSync(join(repo, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(repo, "gone.txt"), "gone\n");
  writeFileSync(join(repo, "changed.txt"), "before\n");
  git(repo, "submodule", "--quiet", "add", library, "lib");
  git(repo, "add", ".");
  git(repo, "commit", "--quiet", "-m", "first");
  git(repo, "remote", "add", "origin", "git@github.com:acme/shop.git");
  writeFileSync(join(repo, "changed.txt"), "after\n");
  writeFileSync(join(repo, "new file ü.txt"), "new\n");
  writeFileSync(join(repo, "ignored"), "ignored\n");
  symlinkSync("run.sh", join(repo, "link"));
  rmSync(join(repo, "gone.txt"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("the copy has what is there now, with history, and not what is ignored or deleted", async () => {
  const into = join(dir, "copy");
  await copyWorkingTree(await repositoryFacts(repo), into);
  expect(readFileSync(join(into, "changed.txt"), "utf8")).toBe("after\n");
  expect(readFileSync(join(into, "new file ü.txt"), "utf8")).toBe("new\n");
  expect(readFileSync(join(into, "lib", "lib.txt"), "utf8")).toBe("lib\n");
  expect(readlinkSync(join(into, "link"))).toBe("run.sh");
  expect(statSync(join(into, "run.sh")).mode & 0o111).toBe(0o111);
  expect(existsSync(join(into, "gone.txt"))).toBe(false);
  expect(existsSync(join(into, "ignored"))).toBe(false);
  expect(git(into, "rev-parse", "HEAD")).toBe(git(repo, "rev-parse", "HEAD"));
  expect(git(into, "remote", "get-url", "origin")).toBe("git@github.com:acme/shop.git\n");
  expect(git(into, "status", "--short").split("\n").sort()).toEqual(
    git(repo, "status", "--short").split("\n").sort(),
  );
});

test("facts: owner and name by the remote, branch, commit", async () => {
  expect(await repositoryFacts(join(repo, "lib", ".."))).toMatchObject({
    owner: "acme",
    name: "shop",
    ref: "refs/heads/main",
    sha: git(repo, "rev-parse", "HEAD").trim(),
    author: { name: "Ann", email: "ann@example.org" },
  });
  await expect(repositoryFacts(dir)).rejects.toMatchObject({ code: "bad_request" });
  await expect(repositoryFacts(join(dir, "nowhere"))).rejects.toMatchObject({ code: "bad_request" });
});

test("facts: the default branch's newest commit, and what a push would begin from", async () => {
  const clone = join(dir, "clone");
  git(dir, "clone", "--quiet", repo, clone);
  const shaOf = (what: string) => git(clone, "rev-parse", what).trim();
  git(clone, "checkout", "--quiet", "-b", "feat");
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "second");
  const first = shaOf("main");
  const known = { defaultBranch: "main", base: first, sha: shaOf("feat") };
  expect(await repositoryFacts(clone)).toMatchObject({ ...known, before: first });
  // The remote is a commit behind, and its HEAD is not known: no clone made it.
  git(clone, "update-ref", "refs/remotes/origin/feat", shaOf("feat"));
  git(clone, "branch", "--quiet", "--set-upstream-to=origin/feat");
  git(clone, "symbolic-ref", "--delete", "refs/remotes/origin/HEAD");
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "third");
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "fourth");
  expect(await repositoryFacts(clone)).toMatchObject({
    ...known,
    sha: shaOf("feat"),
    before: shaOf("feat~2"),
  });
});

test("a repository without a commit is copied, too", async () => {
  const empty = join(dir, "empty");
  mkdirSync(empty);
  git(empty, "init", "--quiet", "--initial-branch=main");
  writeFileSync(join(empty, "a.txt"), "a\n");
  await copyWorkingTree(await repositoryFacts(empty), join(dir, "empty-copy"));
  expect(readFileSync(join(dir, "empty-copy", "a.txt"), "utf8")).toBe("a\n");
  expect(await repositoryFacts(empty)).toMatchObject({
    sha: null,
    base: null,
    before: null,
    owner: "local",
    name: "empty",
  });
});
