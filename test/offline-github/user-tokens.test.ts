import { afterAll, beforeAll, expect, test } from "vitest";
import { authorizeUrl, CALLBACK, exchange, logIn } from "./log-in.ts";
import { openReceiver } from "./receiver.ts";
import { openStage, REPO, tokenClient } from "./stage.ts";
import type { Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
const VAULT = { owner: "acme", repo: "vault" };
const ELSEWHERE = { owner: "other", repo: "hidden" };
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  const { control } = stage.github;
  await control.updateApp({ callbackUrls: [CALLBACK] });
  await control.createRepository({
    owner: "acme",
    name: "vault",
    private: true,
    roles: { wendy: "read" },
    files: { a: "a\n" },
  });
  await control.createRepository({
    owner: "other",
    name: "hidden",
    private: true,
    roles: { wendy: "admin" },
    files: { a: "a\n" },
  });
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

const clientOf = async (login: string) =>
  tokenClient(stage.github, (await logIn(stage.github, login)).access_token);

test("a person's token tells who they are and what they reach through the App", async () => {
  const wendy = await clientOf("wendy");
  expect((await wendy.rest.users.getAuthenticated()).data.login).toBe("wendy");
  const { data } = await wendy.rest.apps.listInstallationsForAuthenticatedUser();
  expect(data.installations.map((row) => row.id)).toEqual([stage.installationId]);
  const id = { installation_id: stage.installationId };
  const mine = (await wendy.rest.apps.listInstallationReposForAuthenticatedUser(id)).data.repositories;
  expect(mine.map((row) => [row.name, row.permissions?.push])).toEqual([
    ["vault", false],
    ["widgets", true],
  ]);
  const rita = await clientOf("rita");
  expect((await rita.rest.apps.listInstallationsForAuthenticatedUser()).data.total_count).toBe(0);
  const refused = rita.rest.apps.listInstallationReposForAuthenticatedUser(id);
  await expect(refused).rejects.toMatchObject({ status: 404 });
});

test("it reaches what the person may see and the App is installed on; both", async () => {
  const wendy = await clientOf("wendy");
  expect((await wendy.rest.repos.get(VAULT)).data.permissions).toMatchObject({ pull: true, push: false });
  await expect(wendy.rest.repos.get(ELSEWHERE)).rejects.toMatchObject({ status: 404 });
  const rita = await clientOf("rita");
  expect((await rita.rest.repos.get(at)).data.permissions).toMatchObject({ pull: true, push: false });
  await expect(rita.rest.repos.get(VAULT)).rejects.toMatchObject({ status: 404 });
  const asked = { ...at, username: "wendy" };
  expect((await wendy.rest.repos.getCollaboratorPermissionLevel(asked)).data.permission).toBe("write");
  await expect(rita.rest.repos.getCollaboratorPermissionLevel(asked)).rejects.toMatchObject({ status: 403 });
});

test("access that is taken away is gone at the next call", async () => {
  const { control } = stage.github;
  const wendy = await clientOf("wendy");
  await wendy.rest.repos.get(VAULT);
  await control.setRole({ repo: "acme/vault", login: "wendy", role: null });
  await expect(wendy.rest.repos.get(VAULT)).rejects.toMatchObject({ status: 404 });
  await control.setRole({ repo: "acme/vault", login: "wendy", role: "read" });
  await control.expireUserTokens({ login: "wendy" });
  await expect(wendy.rest.repos.get(VAULT)).rejects.toMatchObject({ status: 401 });
});

test("what a person writes through the App says so", async () => {
  const { control } = stage.github;
  await control.pushCommit({ repo: REPO, branch: "said", login: "wendy", files: { s: "s\n" } });
  const { number } = await control.openPull({ repo: REPO, login: "wendy", head: "said", title: "Said" });
  const wendy = await clientOf("wendy");
  const { data } = await wendy.rest.issues.createComment({ ...at, issue_number: number, body: "hello" });
  expect([data.user?.login, data.performed_via_github_app?.slug]).toEqual(["wendy", stage.github.appSlug]);
});

test("the App checks and ends tokens with its client secret; taking the leave back ends all, and it is told", async () => {
  const { github } = stage;
  const receiver = await openReceiver(github.webhookSecret);
  await github.control.updateApp({ webhookUrl: receiver.url });
  const client = (method: string, path: string, token: string, secret = github.clientSecret) =>
    fetch(`${github.apiUrl}/applications/${github.clientId}/${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`${github.clientId}:${secret}`).toString("base64")}` },
      body: JSON.stringify({ access_token: token }),
    });
  try {
    const [one, two] = [await logIn(github, "rita"), await logIn(github, "rita")];
    expect((await client("POST", "token", one.access_token)).status).toBe(200);
    expect((await client("DELETE", "token", one.access_token, "wrong")).status).toBe(401);
    expect((await client("DELETE", "token", one.access_token)).status).toBe(204);
    expect((await client("POST", "token", one.access_token)).status).toBe(404);
    const renewed = await exchange(github, { grant_type: "refresh_token", refresh_token: one.refresh_token });
    expect(renewed.body.error).toBe("bad_refresh_token");
    expect((await client("DELETE", "grant", two.access_token)).status).toBe(204);
    expect((await client("POST", "token", two.access_token)).status).toBe(404);
    const told = await receiver.waitFor((row) => row.event === "github_app_authorization");
    expect(told).toMatchObject({ action: "revoked", verified: true, payload: { sender: { login: "rita" } } });
    const asked = await fetch(authorizeUrl(github), { redirect: "manual" });
    expect(asked.status).toBe(200);
  } finally {
    await receiver.stop();
  }
});
