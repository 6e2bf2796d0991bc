import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOf, openEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";
import { openPull, tokenClient } from "../offline-github/stage.ts";

let edge: Edge;
let number = 0;

beforeAll(async () => {
  edge = await openEdge();
  number = (await openPull(edge.stage)).number;
});
afterAll(() => edge.stop());

const whats = () => edge.calls.map((call) => call.what);

test("one token serves many calls, however many ask at once", async () => {
  await Promise.all(Array.from({ length: 8 }, () => edge.github.pulls.get(edge.repository, number)));
  expect(whats().filter((what) => what === "mint installation token")).toHaveLength(1);
});

test("a token that stopped working mid-way is minted once anew", async () => {
  await edge.github.pulls.get(edge.repository, number);
  await edge.stage.github.control.expireTokens({});
  edge.calls.length = 0;
  await expect(edge.github.pulls.get(edge.repository, number)).resolves.toMatchObject({ number });
  expect(edge.calls.map((call) => [call.what, call.outcome])).toEqual([
    ["read pull request", "unauthorized"],
    ["mint installation token", "ok"],
    ["read pull request", "ok"],
  ]);
});

test("a creation with a dead token is made once, with the new one", async () => {
  await edge.stage.github.control.expireTokens({});
  const created = await edge.github.comments.create(edge.repository, number, "after expiry", {
    priority: "result",
  });
  expect(created.kind).toBe("written");
  const comments = await edge.stage.github.control.listComments({ repo: "acme/widgets", number });
  expect(comments.filter((comment) => comment.body === "after expiry")).toHaveLength(1);
});

test("a token near its end is renewed beside its use", async () => {
  const { control } = edge.stage.github;
  await control.settings({ tokenTtlMs: 5 * 60_000 });
  const calls: string[] = [];
  const github = clientOf(edge.stage, { onCall: (seen) => calls.push(seen.what) });
  await github.pulls.get(edge.repository, number);
  await github.pulls.get(edge.repository, number);
  await expect.poll(() => calls.filter((what) => what === "mint installation token").length).toBe(2);
  await control.settings({ tokenTtlMs: 3_600_000 });
});

test("a token for a box reads one repository's contents and nothing else, until it is revoked", async () => {
  const { control } = edge.stage.github;
  const other = await control.createRepository({
    owner: "acme",
    name: "secrets",
    private: true,
    files: { a: "a" },
  });
  const pull = await edge.github.pulls.get(edge.repository, number);
  const minted = await edge.github.tokens.mintContentsRead(
    edge.repository.installationId,
    pull.repository.id,
  );
  expect(minted.expiresAt).toBeGreaterThan(Date.now());
  const box = tokenClient(edge.stage.github, minted.token);
  const at = { owner: "acme", repo: "widgets" };
  await expect(box.rest.repos.getContent({ ...at, path: "README.md" })).resolves.toMatchObject({
    status: 200,
  });
  await expect(
    box.rest.issues.createComment({ ...at, issue_number: number, body: "from a box" }),
  ).rejects.toMatchObject({ status: 403 });
  await expect(
    box.rest.repos.getContent({ owner: "acme", repo: other.name, path: "a" }),
  ).rejects.toMatchObject({
    status: expect.any(Number),
  });
  const { installationId } = edge.repository;
  const narrower = await edge.github.tokens.mintRead(installationId, pull.repository.id, ["pull_requests"]);
  const least = await edge.github.tokens.mintRead(installationId, pull.repository.id, []);
  const reads = (token: string) =>
    tokenClient(edge.stage.github, token).rest.pulls.get({ ...at, pull_number: number });
  await expect(reads(narrower.token)).resolves.toMatchObject({ status: 200 });
  for (const { token } of [least, narrower])
    await expect(
      tokenClient(edge.stage.github, token).rest.repos.getContent({ ...at, path: "README.md" }),
    ).rejects.toMatchObject({ status: expect.any(Number) });
  await edge.github.tokens.revoke(minted.token);
  await edge.github.tokens.revoke(minted.token);
  await expect(box.rest.repos.getContent({ ...at, path: "README.md" })).rejects.toMatchObject({
    status: 401,
  });
});

test("a suspended installation is not_allowed, a removed one is github_gone", async () => {
  const { control } = edge.stage.github;
  const { installationId } = edge.repository;
  await control.suspendInstallation({ installationId, suspended: true });
  await expect(clientOf(edge.stage).pulls.get(edge.repository, number)).rejects.toMatchObject({
    code: "not_allowed",
  });
  await control.suspendInstallation({ installationId, suspended: false });
  await control.removeInstallation({ installationId });
  await expect(edge.github.pulls.get(edge.repository, number)).rejects.toMatchObject({ code: "github_gone" });
});
