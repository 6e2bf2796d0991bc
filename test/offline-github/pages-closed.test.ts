import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isFromHere } from "../../demo/github/pages/neighbours.ts";
import { createWalker } from "./browserless.ts";
import { openPull, openStage, REPO } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
let path = "";

beforeAll(async () => {
  stage = await openStage();
  const { number } = await openPull(stage);
  path = `/${REPO}/pull/${number}`;
});

afterAll(() => stage.stop());

test("what is private is nobody's to see, and shows nowhere", async () => {
  const { control, url } = stage.github;
  await control.createRepository({ owner: "acme", name: "vault", private: true, files: { a: "a\n" } });
  const rita = createWalker(url);
  expect((await rita.get("/acme/vault")).text).toContain("Sign in to Offline GitHub");
  expect((await rita.press("rita")).status).toBe(404);
  expect((await rita.get("/")).text).not.toContain("acme/vault");
  expect((await rita.get("/login")).text).not.toContain("acme/vault");
});

test("a foreign form and a foreign name are refused", async () => {
  const walker = createWalker(stage.github.url);
  await walker.get(`/login?return_to=${path}`);
  await walker.press("rita");
  expect((await walker.press("Comment as rita", { body: "x", csrf: "wrong" })).status).toBe(403);
  expect(await stage.github.control.listComments({})).toEqual([]);
  expect(await statusAs("rebound.example")).toBe(421);
  expect(await statusAs(new URL(stage.github.url).host)).toBe(200);
});

test("signing in begins a visit of its own, which scripts cannot read, and signing out ends it", async () => {
  const walker = createWalker(stage.github.url);
  const first = await walker.get("/login");
  const planted = first.headers.get("set-cookie") ?? "";
  expect(planted).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  await walker.press("rita");
  const headers = { cookie: planted.split(";")[0] ?? "" };
  expect(await (await fetch(stage.github.url, { headers })).text()).not.toContain("Hello, rita");
  expect((await walker.get("/")).text).toContain("Hello, rita");
  expect((await walker.press("Sign out")).text).not.toContain("Hello, rita");
});

test("only this machine may act", () => {
  const from = (remoteAddress: string, localAddress: string): boolean =>
    isFromHere({ socket: { remoteAddress, localAddress } } as IncomingMessage);
  expect([
    from("127.0.0.1", "127.0.0.1"),
    from("::ffff:127.0.0.1", "::"),
    from("192.0.2.1", "192.0.2.1"),
  ]).toEqual([true, true, true]);
  expect([from("192.0.2.7", "192.0.2.1"), from("2001:db8::7", "2001:db8::1")]).toEqual([false, false]);
});

/** What a browser gets for a name that somebody made to lead here. */
function statusAs(host: string): Promise<number> {
  return new Promise((done, failed) => {
    const asked = request(`${stage.github.url}/login`, { headers: { host } }, (response) => {
      response.resume();
      done(response.statusCode ?? 0);
    });
    asked.on("error", failed).end();
  });
}
