import { afterAll, beforeAll, expect, test } from "vitest";
import { createWalker } from "./browserless.ts";
import { authorizeUrl, CALLBACK, exchange, logIn, pkce } from "./log-in.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.github.control.updateApp({ callbackUrls: [CALLBACK] });
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

const codeFor = async (fields: Record<string, string> = {}): Promise<string> => {
  const url = authorizeUrl(stage.github, fields);
  const { location } = await stage.github.control.approveLogin({ url, login: "rita" });
  return new URL(location).searchParams.get("code") ?? "";
};

test("a person signs in, approves once, and comes back with code and state; the next time at once", async () => {
  const { github } = stage;
  const walker = createWalker(github.url);
  const first = await walker.get(authorizeUrl(github));
  expect(first.text).toContain("Sign in to Offline GitHub");
  const asked = await walker.press("wendy");
  expect(asked.text).toContain("would like permission");
  const back = new URL((await walker.press("Authorize")).url);
  expect(back.origin + back.pathname).toBe(CALLBACK);
  expect(back.searchParams.get("state")).toBe("s-1");
  const { status, body } = await exchange(github, { code: back.searchParams.get("code") ?? "" });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: "bearer",
    scope: "",
    expires_in: 28_800,
    refresh_token_expires_in: 15_897_600,
  });
  expect(body.access_token).toMatch(/^ghu_/);
  expect(body.refresh_token).toMatch(/^ghr_/);
  expect((await walker.get(authorizeUrl(github))).url).toContain(`${CALLBACK}?code=`);
  const chooser = await walker.get(authorizeUrl(github, { prompt: "select_account" }));
  expect(chooser.text).toContain("Sign in to Offline GitHub");
});

test("who refuses goes back with access_denied and no code", async () => {
  const walker = createWalker(stage.github.url);
  await walker.get(authorizeUrl(stage.github));
  await walker.press("rita");
  const back = new URL((await walker.press("Cancel")).url);
  expect(back.searchParams.get("error")).toBe("access_denied");
  expect(back.searchParams.get("code")).toBeNull();
  expect(back.searchParams.get("state")).toBe("s-1");
});

test("an address that is not registered to the letter is refused on a page, and nobody is sent there", async () => {
  const walker = createWalker(stage.github.url);
  for (const redirect_uri of [`${CALLBACK}/`, `${CALLBACK}?a=1`, "http://evil.example/auth/callback", ""]) {
    const seen = await walker.get(authorizeUrl(stage.github, { redirect_uri }));
    expect(seen.status).toBe(400);
    expect(seen.text).toContain("not associated with this application");
  }
  expect((await walker.get(authorizeUrl(stage.github, { client_id: "Iv23linothing" }))).status).toBe(404);
});

test("a code works once, in its own time, for its own App", async () => {
  const code = await codeFor();
  const wrong = await exchange(stage.github, { code, client_secret: "wrong" });
  expect(wrong).toMatchObject({ status: 200, body: { error: "incorrect_client_credentials" } });
  expect((await exchange(stage.github, { code })).body.access_token).toMatch(/^ghu_/);
  const again = await exchange(stage.github, { code });
  expect(again).toMatchObject({ status: 200, body: { error: "bad_verification_code" } });
  const elsewhere = await exchange(stage.github, {
    code: await codeFor(),
    redirect_uri: "http://127.0.0.1:9/other",
  });
  expect(elsewhere.body.error).toBe("redirect_uri_mismatch");
  expect((await exchange(stage.github, { code, client_id: "Iv23linothing" })).status).toBe(404);
});

test("PKCE: only the verifier of the challenge opens a code, and a try with another ends it", async () => {
  const { verifier, challenge } = pkce();
  const fields = { code_challenge: challenge, code_challenge_method: "S256" };
  const bad = { error: "bad_verification_code" };
  const code = await codeFor(fields);
  expect((await exchange(stage.github, { code, code_verifier: pkce().verifier })).body).toMatchObject(bad);
  expect((await exchange(stage.github, { code, code_verifier: verifier })).body).toMatchObject(bad);
  expect((await exchange(stage.github, { code: await codeFor(fields) })).body).toMatchObject(bad);
  const good = await exchange(stage.github, { code: await codeFor(fields), code_verifier: verifier });
  expect(good.body.access_token).toMatch(/^ghu_/);
  const walker = createWalker(stage.github.url);
  const plain = { code_challenge: challenge, code_challenge_method: "plain" };
  expect((await walker.get(authorizeUrl(stage.github, plain))).status).toBe(400);
});

test("a refresh token renews once and ends the token before", async () => {
  const first = await logIn(stage.github, "rita");
  const { body } = await exchange(stage.github, {
    grant_type: "refresh_token",
    refresh_token: first.refresh_token,
  });
  expect(body.access_token).toMatch(/^ghu_/);
  const asks = async (token: string): Promise<number> =>
    (await fetch(`${stage.github.apiUrl}/user`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect([await asks(first.access_token), await asks(body.access_token)]).toEqual([401, 200]);
  const again = await exchange(stage.github, {
    grant_type: "refresh_token",
    refresh_token: first.refresh_token,
  });
  expect(again.body.error).toBe("bad_refresh_token");
});

test("a form without the visit's own token, or under a foreign name, does nothing", async () => {
  const { url } = stage.github;
  const body = new URLSearchParams({ login: "wendy" });
  expect((await fetch(`${url}/session`, { method: "POST", body, redirect: "manual" })).status).toBe(403);
  const walker = createWalker(url);
  await walker.get(`${url}/login?return_to=//evil.example/`);
  const after = await walker.press("wendy");
  expect(after.url).toBe(`${url}/`);
});
