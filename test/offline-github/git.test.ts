import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REPO, openPull, openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const run = promisify(execFile);
let stage: Stage;
let pull: { number: number; headSha: string };
let count = 0;

beforeAll(async () => {
  stage = await openStage();
  pull = await openPull(stage);
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: stage.dir,
    GIT_TERMINAL_PROMPT: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
  };
  return (await run("git", ["-c", "protocol.version=2", ...args], { cwd, env })).stdout.trim();
};
const emptyRepo = async (): Promise<string> => {
  count += 1;
  const dir = join(stage.dir, `work-${count}`);
  await mkdir(dir);
  await git(dir, "init", "--quiet");
  await git(dir, "config", "user.name", "wendy");
  await git(dir, "config", "user.email", "wendy@example.com");
  return dir;
};
const url = (repo: string, token?: string): string =>
  `${stage.github.url.replace("://", token === undefined ? "://" : `://x-access-token:${token}@`)}/${repo}.git`;
const mint = async (narrow: object): Promise<string> => {
  const input = { installation_id: stage.installationId, ...narrow };
  return (await stage.app.rest.apps.createInstallationAccessToken(input)).data.token;
};

test("any commit, branch and pull request ref can be fetched without a token from a public repository", async () => {
  const dir = await emptyRepo();
  await git(dir, "fetch", "--depth=1", url(REPO), pull.headSha);
  expect(await git(dir, "rev-parse", "FETCH_HEAD")).toBe(pull.headSha);
  const before = pull.headSha;
  const { sha } = await stage.github.control.pushCommit({
    repo: REPO,
    branch: "feature",
    login: "wendy",
    parent: "main",
    files: { "feature.txt": "rewritten\n" },
  });
  const refs = await git(dir, "ls-remote", url(REPO));
  expect(refs).toContain(`${sha}\trefs/pull/${pull.number}/head`);
  expect(refs).toContain(`refs/pull/${pull.number}/merge`);
  await git(await emptyRepo(), "fetch", url(REPO), before);
  await git(await emptyRepo(), "fetch", "--filter=blob:none", url(REPO), "main");
});

test("a private repository wants a token with contents:read for it", async () => {
  const { control } = stage.github;
  await control.createRepository({ owner: "acme", name: "vault", private: true, files: { a: "secret\n" } });
  const dir = await emptyRepo();
  await expect(git(dir, "fetch", url("acme/vault"), "main")).rejects.toThrow();
  const token = await mint({ repositories: ["vault"], permissions: { contents: "read" } });
  await git(dir, "fetch", url("acme/vault", token), "main");
  const header = `http.extraheader=Authorization: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  await git(await emptyRepo(), "-c", header, "fetch", url("acme/vault"), "main");
  const elsewhere = await mint({ repositories: ["widgets"], permissions: { contents: "read" } });
  await expect(git(dir, "fetch", url("acme/vault", elsewhere), "main")).rejects.toThrow("not found");
  const noContents = await mint({ repositories: ["vault"], permissions: { issues: "read" } });
  await expect(git(dir, "fetch", url("acme/vault", noContents), "main")).rejects.toThrow("403");
  await control.expireTokens({});
  await expect(git(dir, "fetch", url("acme/vault", token), "main")).rejects.toThrow();
});

test("a person pushes with git, and the pull request follows; an App's token may not", async () => {
  const { control } = stage.github;
  const { token } = await control.createUserToken({ login: "wendy" });
  const dir = await emptyRepo();
  await git(dir, "fetch", url(REPO), "feature");
  await git(dir, "checkout", "--quiet", "-b", "feature", "FETCH_HEAD");
  await writeFile(join(dir, "pushed.txt"), "pushed\n");
  await git(dir, "add", ".");
  await git(dir, "commit", "--quiet", "-m", "Pushed");
  await git(dir, "push", "--quiet", url(REPO, token), "feature");
  const sha = await git(dir, "rev-parse", "HEAD");
  await expect
    .poll(async () => (await control.getPull({ repo: REPO, number: pull.number })).headSha)
    .toBe(sha);
  const appToken = await mint({});
  await expect(git(dir, "push", "--quiet", url(REPO, appToken), "feature:other")).rejects.toThrow("403");
});

test("conflicts have no merge ref; a fork's head is in the base repository", async () => {
  const { control } = stage.github;
  const change = (branch: string, text: string, parent?: string) =>
    control.pushCommit({
      repo: REPO,
      branch,
      login: "wendy",
      files: { "src/a.txt": text },
      ...(parent === undefined ? {} : { parent }),
    });
  await change("clash", "clash\n", "main");
  await change("main", "main\n");
  const clash = await control.openPull({ repo: REPO, login: "wendy", head: "clash", title: "Clash" });
  expect(clash.mergeSha).toBeNull();
  await control.createAccount({ login: "fred" });
  await control.forkRepository({ repo: REPO, owner: "fred" });
  const { sha } = await control.pushCommit({
    repo: "fred/widgets",
    branch: "mine",
    login: "fred",
    files: { b: "b" },
  });
  const fork = { repo: REPO, headRepo: "fred/widgets", head: "mine", login: "fred", title: "From a fork" };
  const { number } = await control.openPull(fork);
  const { data } = await stage.octokit.rest.pulls.get({
    owner: "acme",
    repo: "widgets",
    pull_number: number,
  });
  expect(data.head.repo?.full_name).toBe("fred/widgets");
  expect(data.head.repo?.fork).toBe(true);
  const dir = await emptyRepo();
  await git(dir, "fetch", url(REPO), `refs/pull/${number}/head`);
  expect(await git(dir, "rev-parse", "FETCH_HEAD")).toBe(sha);
});

test("Git LFS up and down, with real git-lfs", async () => {
  const { control } = stage.github;
  const { token } = await control.createUserToken({ login: "wendy" });
  const dir = await emptyRepo();
  await git(dir, "lfs", "install", "--local");
  await git(dir, "fetch", url(REPO), "main");
  await git(dir, "checkout", "--quiet", "-b", "big", "FETCH_HEAD");
  await git(dir, "lfs", "track", "*.bin");
  const bytes = Buffer.alloc(300_000, "crab");
  await writeFile(join(dir, "big.bin"), bytes);
  await git(dir, "add", ".");
  await git(dir, "commit", "--quiet", "-m", "Large");
  await git(dir, "push", "--quiet", url(REPO, token), "big");
  const other = await emptyRepo();
  await git(other, "lfs", "install", "--local");
  await git(other, "remote", "add", "origin", url(REPO, await mint({ permissions: { contents: "read" } })));
  await git(other, "fetch", "origin", "big");
  await git(other, "checkout", "--quiet", "FETCH_HEAD");
  await git(other, "lfs", "pull", "origin");
  expect(bytes.equals(await readFile(join(other, "big.bin")))).toBe(true);
  const kinds = (await control.listRequests({ kind: "lfs" })).map(
    (entry) => `${entry.method} ${entry.status}`,
  );
  expect(kinds).toContain("PUT 200");
  expect(kinds).toContain("GET 200");
  expect(await git(other, "cat-file", "-s", "FETCH_HEAD:big.bin")).not.toBe(String(bytes.length));
});
