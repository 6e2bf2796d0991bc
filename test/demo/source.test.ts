import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchGitHub } from "../../demo/github/launch.ts";
import type { GitHub } from "../../demo/github/launch.ts";
import { openSourcePull } from "../../demo/pull-request.ts";
import { openSource } from "../../demo/source.ts";
import { fingerprint, git, makeRepository } from "./repository.ts";

const dir = mkdtempSync(join(tmpdir(), "crabbox-test-source-"));
let github: GitHub;

beforeAll(async () => {
  github = await launchGitHub({ stateDir: join(dir, "github") });
});

afterAll(async () => {
  await github.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Imports as the demo does and answers what arrived; the source must not have changed by a byte or a time. */
async function imported(
  path: string,
  head = "HEAD",
  base: string | null = null,
  githubRoot: string | null = null,
) {
  const before = fingerprint(path);
  const source = await openSource({ path, head, base, githubRoot });
  const pull = await openSourcePull(github.control, source);
  expect(fingerprint(path)).toBe(before);
  const { headSha, baseSha, title } = await github.control.getPull(pull);
  expect({ headSha, baseSha }).toEqual({ headSha: source.headSha, baseSha: source.baseSha });
  const clone = join(dir, `clone-${pull.repo.replace("/", "-")}`);
  const { token } = await github.control.createUserToken({ login: "robin" });
  const url = github.url.replace("http://", `http://robin:${token}@`);
  execFileSync(
    "git",
    ["clone", "--quiet", "--depth=1", "--branch=pull-request", `${url}/${pull.repo}.git`, clone],
    { stdio: "pipe" },
  );
  expect(git(clone, "rev-parse", "HEAD")).toBe(headSha);
  return { source, pull, title };
}

describe("a repository is read, never written", () => {
  test("a checkout with unsaved changes: HEAD and its first parent", async () => {
    const { dir: path, headSha, baseSha } = makeRepository(join(dir, "checkout"));
    writeFileSync(join(path, "file"), "not committed\n");
    writeFileSync(join(path, "other"), "not tracked\n");
    const { source, pull, title } = await imported(path);
    expect(source).toMatchObject({ headSha, baseSha, note: null });
    expect(pull.repo).toBe("you/checkout");
    expect(title).toBe("The second");
  });

  test("a bare one, under its origin's name, with named commits", async () => {
    const { dir: path, headSha, baseSha } = makeRepository(join(dir, "origin"));
    const bare = join(dir, "bare.git");
    git(dir, "clone", "--quiet", "--bare", path, bare);
    git(bare, "config", "remote.origin.url", "git@github.com:some-owner/some.name.git");
    const { source, pull } = await imported(bare, "trunk", "trunk~1");
    expect(source).toMatchObject({ headSha, baseSha });
    expect(pull.repo).toBe("some-owner/some.name");
  });

  test("a shallow one: the head is its own base, and that is said", async () => {
    const { dir: path, headSha } = makeRepository(join(dir, "deep"));
    const shallow = join(dir, "shallow");
    git(dir, "clone", "--quiet", "--depth=1", `file://${path}`, shallow);
    const { source } = await imported(shallow);
    expect(source).toMatchObject({ headSha, baseSha: headSha });
    expect(source.note).toContain("shallow");
  });

  test("one that is served already: another name under the same owner", async () => {
    const { dir: path } = makeRepository(join(dir, "top"));
    const root = join(dir, "root");
    mkdirSync(join(root, "acme"), { recursive: true });
    git(dir, "clone", "--quiet", "--bare", path, join(root, "acme", "top.git"));
    const { pull } = await imported(join(root, "acme", "top.git"), "HEAD", null, root);
    expect(pull.repo).toBe("acme/top-pull-request");
  });

  test("one with a submodule, from a second work tree", async () => {
    const { dir: inner } = makeRepository(join(dir, "inner"));
    const { dir: path } = makeRepository(join(dir, "outer"));
    git(path, "submodule", "add", "--quiet", inner, "inner");
    git(path, "commit", "--quiet", "-m", "With a submodule");
    const tree = join(dir, "outer-tree");
    git(path, "worktree", "add", "--quiet", "--detach", tree);
    const { source } = await imported(tree);
    expect(source.subject).toBe("With a submodule");
    expect(source.gitDir).toBe(join(path, ".git"));
  });
});

test("what is not there is told", async () => {
  const { dir: path } = makeRepository(join(dir, "told"));
  const nothing = join(dir, "nothing");
  mkdirSync(nothing);
  const open = (where: string, head = "HEAD", base: string | null = null) =>
    openSource({ path: where, head, base, githubRoot: null });
  await expect(open(nothing)).rejects.toThrow("is not a git repository");
  await expect(open(join(dir, "absent"))).rejects.toThrow("is not a git repository");
  await expect(open(path, "no-such")).rejects.toThrow('has no commit "no-such"');
  await expect(open(path, "HEAD", "--upload-pack=x")).rejects.toThrow("has no commit");
});
