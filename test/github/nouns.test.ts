import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPull } from "../offline-github/stage.ts";
import { openEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";

const REPO = "acme/widgets";
const WORKFLOW = "on: push\njobs: {}\n";
const pace = { priority: "result" } as const;

let edge: Edge;
let number = 0;
let wendy = { login: "wendy", id: 0 };

beforeAll(async () => {
  edge = await openEdge();
  const { control } = edge.stage.github;
  await control.pushCommit({
    repo: REPO,
    branch: "main",
    login: "wendy",
    files: {
      ".github/workflows/ci.yml": WORKFLOW,
      ".github/workflows/notes.txt": "no workflow",
      ".github/workflows/big.yaml": "#".repeat(600 * 1024),
    },
  });
  number = (await openPull(edge.stage)).number;
  const pull = await edge.github.pulls.get(edge.repository, number);
  wendy = { login: "wendy", id: pull.author?.id ?? 0 };
});
afterAll(async () => {
  // What we sent and what came back was checked against GitHub's own description all along.
  const violations = await edge.stage.github.control.listViolations({});
  await edge.stop();
  expect(violations).toEqual([]);
});

describe("permissions", () => {
  test.each(["admin", "maintain", "write", "triage", "read"] as const)("role %s", async (role) => {
    await edge.stage.github.control.setRole({ repo: REPO, login: "wendy", role });
    await expect(edge.github.permissions.role(edge.repository, wendy)).resolves.toBe(role);
    await edge.stage.github.control.setRole({ repo: REPO, login: "wendy", role: "write" });
  });

  test("a login that now belongs to somebody else may nothing, nor may an unknown one", async () => {
    const stranger = { login: "wendy", id: wendy.id + 1 };
    await expect(edge.github.permissions.role(edge.repository, stranger)).resolves.toBe("none");
    const nobody = { login: "nobody-here", id: 7 };
    await expect(edge.github.permissions.role(edge.repository, nobody)).resolves.toBe("none");
  });
});

describe("pull requests", () => {
  test("a branch of the repository is no fork", async () => {
    const pull = await edge.github.pulls.get(edge.repository, number);
    const tip = await edge.github.pulls.branchTip(edge.repository, "main");
    expect(pull).toMatchObject({
      state: "open",
      fork: false,
      baseRef: "main",
      headRef: "feature",
      baseSha: tip,
    });
    expect(pull.headRepositoryId).toBe(pull.repository.id);
  });

  test("a fork's is, and a deleted branch is gone", async () => {
    const { control } = edge.stage.github;
    await control.createAccount({ login: "frank" });
    const fork = await control.forkRepository({ repo: REPO, owner: "frank" });
    const headRepo = `frank/${fork.name}`;
    const files = { f: "f" };
    await control.pushCommit({ repo: headRepo, branch: "idea", login: "frank", files, parent: "main" });
    const opened = await control.openPull({
      repo: REPO,
      login: "frank",
      head: "idea",
      headRepo,
      title: "Idea",
    });
    const pull = await edge.github.pulls.get(edge.repository, opened.number);
    expect(pull.fork).toBe(true);
    expect(pull.headRepositoryId).toBe(fork.id);
    await expect(edge.github.pulls.branchTip(edge.repository, "never")).rejects.toMatchObject({
      code: "github_gone",
    });
  });
});

describe("contents", () => {
  test("files at a commit: text, nothing, a folder, too large", async () => {
    const sha = await edge.github.pulls.branchTip(edge.repository, "main");
    const read = (path: string) => edge.github.contents.readText(edge.repository, sha, path, 10_000);
    await expect(read("README.md")).resolves.toBe("# Widgets\n");
    await expect(read("missing")).resolves.toBeNull();
    await expect(read("src")).resolves.toBeNull();
    await expect(read(".github/workflows/big.yaml")).rejects.toMatchObject({ code: "too_large" });
  });

  test("workflows of a commit; one over GitHub's own limit is none", async () => {
    const { control } = edge.stage.github;
    const big = await edge.github.pulls.branchTip(edge.repository, "main");
    const whole = [{ path: ".github/workflows/ci.yml", text: WORKFLOW }];
    await expect(edge.github.contents.workflows(edge.repository, big)).resolves.toEqual(whole);
    const { sha } = await control.pushCommit({
      repo: REPO,
      branch: "main",
      login: "wendy",
      files: { ".github/workflows/big.yaml": null },
    });
    const files = await edge.github.contents.workflows(edge.repository, sha);
    expect(files).toEqual(whole);
  });
});

test("all files of a commit with their ids; null for a commit that is not there", async () => {
  const { sha } = await edge.stage.github.control.pushCommit({
    repo: REPO,
    branch: "main",
    login: "wendy",
    files: { "deep/in/package-lock.json": "{}\n" },
  });
  const tree = await edge.github.contents.tree(edge.repository, sha);
  const lock = { path: "deep/in/package-lock.json", sha: "0967ef424bce6791893e9a57bb952f80fd536e93" };
  expect(tree).toMatchObject({ kind: "all", files: expect.arrayContaining([lock]) });
  expect(JSON.stringify(tree)).not.toContain('"deep/in"');
  expect(await edge.github.contents.tree(edge.repository, "a".repeat(40))).toBeNull();
});

test("workflows of what the App may not see are an error, those of a commit without any are none", async () => {
  const { control } = edge.stage.github;
  const workflows = async (name: string, sha: string) =>
    edge.github.contents.workflows({ ...edge.repository, name }, sha);
  const { sha } = await control.pushCommit({
    repo: REPO,
    branch: "no-workflows",
    login: "wendy",
    files: { ".github/workflows/ci.yml": null, ".github/workflows/big.yaml": null },
  });
  await expect(workflows("widgets", sha)).resolves.toEqual([]);
  await expect(workflows("hidden", sha)).rejects.toMatchObject({ code: "github_gone" });
  await expect(workflows("widgets", "e".repeat(40))).rejects.toMatchObject({ code: "github_gone" });
});

describe("check runs, comments, reactions", () => {
  test("a check run is found by its external id among many of its name", async () => {
    const { headSha } = await edge.github.pulls.get(edge.repository, number);
    const base = {
      name: "crabbox",
      headSha,
      status: "queued",
      output: { title: "t", summary: "s" },
    } as const;
    for (const externalId of ["run_1", "run_2", "run_3"]) {
      await edge.github.checkRuns.create(edge.repository, { ...base, externalId }, pace);
    }
    const found = await edge.github.checkRuns.findByExternalId(edge.repository, {
      ...base,
      externalId: "run_2",
    });
    expect(found).toMatchObject({ externalId: "run_2", status: "queued" });
    const done = await edge.github.checkRuns.update(
      edge.repository,
      found?.id ?? 0,
      {
        status: "completed",
        conclusion: "failure",
        completedAt: Date.now(),
        output: { title: "Failed", summary: "exit 1", text: "log" },
        actions: [{ label: "Retry", description: "The same command again", identifier: "retry" }],
      },
      pace,
    );
    expect(done).toMatchObject({ kind: "written", value: { conclusion: "failure" } });
    const none = { ...base, externalId: "run_9" };
    await expect(edge.github.checkRuns.findByExternalId(edge.repository, none)).resolves.toBeNull();
  });

  test("a comment that somebody deleted is github_gone", async () => {
    const created = await edge.github.comments.create(edge.repository, number, "soon gone", pace);
    if (created.kind !== "written") throw new Error("not written");
    await edge.stage.github.control.deleteComment({ commentId: created.value.id, login: "wendy" });
    await expect(
      edge.github.comments.update(edge.repository, created.value.id, "again", pace),
    ).rejects.toMatchObject({ code: "github_gone" });
  });

  test("a reaction twice is one; taking it back twice is fine", async () => {
    const { control } = edge.stage.github;
    const comment = await control.comment({ repo: REPO, number, login: "wendy", body: "hello" });
    const first = await edge.github.reactions.create(edge.repository, comment.id, "eyes", pace);
    const again = await edge.github.reactions.create(edge.repository, comment.id, "eyes", pace);
    expect(again.id).toBe(first.id);
    await edge.github.reactions.remove(edge.repository, comment.id, first.id, pace);
    await edge.github.reactions.remove(edge.repository, comment.id, first.id, pace);
    expect(await control.listReactions({ commentId: comment.id, removed: false })).toEqual([]);
  });
});
