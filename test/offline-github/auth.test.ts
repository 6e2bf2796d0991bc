import { createSign, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPull, openStage, tokenClient } from "./stage.ts";
import type { Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
const SECRET_REPO = { owner: "acme", repo: "vault" };
let stage: Stage;
let number = 0;

beforeAll(async () => {
  stage = await openStage();
  ({ number } = await openPull(stage));
  await stage.github.control.createRepository({ ...nameOf(SECRET_REPO), private: true, files: { a: "a\n" } });
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

const mint = async (narrow: object) => {
  const input = { installation_id: stage.installationId, ...narrow };
  const { data } = await stage.app.rest.apps.createInstallationAccessToken(input);
  return { ...data, client: tokenClient(stage.github, data.token) };
};

test("tokens have the long form, and live an hour", async () => {
  const { token, expires_at } = await mint({});
  expect(token).toMatch(new RegExp(`^ghs_${stage.github.appId}_[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));
  const left = Date.parse(expires_at) - Date.now();
  expect(left).toBeGreaterThan(59 * 60_000);
  expect(left).toBeLessThanOrEqual(60 * 60_000);
});

test("a token narrowed by permission may only do that", async () => {
  const { client, permissions } = await mint({ permissions: { contents: "read" } });
  expect(permissions).toEqual({ contents: "read", metadata: "read" });
  await client.rest.repos.getContent({ ...at, path: "README.md" });
  const issue = { ...at, issue_number: number };
  const refused = { status: 403, response: { data: { message: "Resource not accessible by integration" } } };
  await expect(client.rest.issues.createComment({ ...issue, body: "x" })).rejects.toMatchObject(refused);
  await expect(client.rest.pulls.list(at)).rejects.toMatchObject(refused);
  await expect(mint({ permissions: { administration: "write" } })).rejects.toMatchObject({ status: 422 });
  await expect(mint({ permissions: { contents: "write" } })).rejects.toMatchObject({ status: 422 });
});

test("a token narrowed by repository does not see others", async () => {
  const { client, repository_selection } = await mint({ repositories: ["widgets"] });
  expect(repository_selection).toBe("selected");
  await client.rest.repos.get(at);
  await expect(client.rest.repos.get(SECRET_REPO)).rejects.toMatchObject({ status: 404 });
  const { data } = await client.rest.apps.listReposAccessibleToInstallation();
  expect(data.repositories.map((row) => row.name)).toEqual(["widgets"]);
  const both = await mint({});
  await both.client.rest.repos.get(SECRET_REPO);
  await expect(mint({ repositories: ["nothing"] })).rejects.toMatchObject({ status: 422 });
});

test("expired, revoked and made-up tokens are bad credentials", async () => {
  const { client } = await mint({});
  await client.rest.apps.revokeInstallationAccessToken();
  const bad = { status: 401, response: { data: { message: "Bad credentials" } } };
  await expect(client.rest.repos.get(at)).rejects.toMatchObject(bad);
  const second = await mint({});
  const { expired } = await stage.github.control.expireTokens({});
  expect(expired).toBeGreaterThan(0);
  await expect(second.client.rest.repos.get(at)).rejects.toMatchObject(bad);
  await expect(tokenClient(stage.github, "ghs_nothing").rest.repos.get(at)).rejects.toMatchObject(bad);
});

test("the lifetime can be set, and is held", async () => {
  await stage.github.control.settings({ tokenTtlMs: 1 });
  const { client } = await mint({});
  await expect(client.rest.repos.get(at)).rejects.toMatchObject({ status: 401 });
  await stage.github.control.settings({ tokenTtlMs: 60 * 60_000 });
});

test("nobody sees private repositories; others' public ones may be read and not written", async () => {
  const anonymous = tokenClient(stage.github);
  await anonymous.rest.repos.get(at);
  await expect(anonymous.rest.repos.get(SECRET_REPO)).rejects.toMatchObject({ status: 404 });
  await stage.github.control.createRepository({ owner: "other", name: "open", files: { a: "a\n" } });
  const open = { owner: "other", repo: "open" };
  await stage.octokit.rest.repos.get(open);
  const { data } = await stage.octokit.rest.repos.getCommit({ ...open, ref: "main" });
  const write = stage.octokit.rest.checks.create({ ...open, name: "x", head_sha: data.sha });
  await expect(write).rejects.toMatchObject({ status: 403 });
  await expect(stage.app.rest.apps.getRepoInstallation(open)).rejects.toMatchObject({ status: 404 });
});

test("a JWT is judged: signature, issuer, times, algorithm", async () => {
  const nowS = Math.floor(Date.now() / 1000);
  const key = stage.github.privateKeyPem;
  const good = { iss: stage.github.appId, iat: nowS - 30, exp: nowS + 500 };
  const ask = async (claims: object, pem = key, header: object = { alg: "RS256" }): Promise<number> => {
    const headers = { authorization: `Bearer ${jwt(claims, pem, header)}` };
    return (await fetch(`${stage.github.apiUrl}/app`, { headers })).status;
  };
  expect(await ask(good)).toBe(200);
  expect(await ask({ ...good, exp: nowS + 3600 })).toBe(401);
  expect(await ask({ ...good, exp: nowS - 1 })).toBe(401);
  expect(await ask({ ...good, iat: nowS + 600, exp: nowS + 900 })).toBe(401);
  expect(await ask({ iss: good.iss, exp: good.exp })).toBe(401);
  expect(await ask({ ...good, iss: 1 })).toBe(404);
  expect(await ask(good, key, { alg: "none" })).toBe(401);
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  expect(await ask(good, other.privateKey.export({ type: "pkcs1", format: "pem" }).toString())).toBe(401);
});

test("a removed installation ends its tokens", async () => {
  const { client } = await mint({});
  const { installationId } = stage;
  await stage.github.control.removeInstallation({ installationId });
  await expect(client.rest.repos.get(at)).rejects.toMatchObject({ status: 401 });
  const gone = stage.app.rest.apps.createInstallationAccessToken({ installation_id: installationId });
  await expect(gone).rejects.toMatchObject({ status: 404 });
});

function jwt(claims: object, pem: string, header: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ typ: "JWT", ...header })}.${part(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(pem, "base64url")}`;
}

function nameOf({ owner, repo }: { owner: string; repo: string }): { owner: string; name: string } {
  return { owner, name: repo };
}
