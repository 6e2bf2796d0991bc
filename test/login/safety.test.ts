import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOG_IN_COOKIE, SESSION_COOKIE } from "../../app/login/cookies.ts";
import { openStage, READER, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { browse, formOf, logIn, type Browser } from "./journey.ts";

const STRANGER = "sven";
let stage: Stage;
let writer: Browser;
let runPath = "";

beforeAll(async () => {
  stage = await openStage({ login: true });
  await stage.github.control.createAccount({ login: STRANGER });
  const check = await stage.run("/crabbox run -- echo a secret of ours");
  runPath = new URL(check.detailsUrl ?? "").pathname;
  writer = browse(stage.app.url);
  await logIn(writer, stage.github, WRITER);
});
afterAll(() => stage.close());

const BENEATH = ["", "/log/run.json", "/log/stream", "/log/lines", "/log/search?q=a", "/log/download"];
const text = async (browser: Browser, path: string) => (await browser.get(path)).text();
const retry = async () => formOf(await text(writer, runPath), "Retry");

describe("a session", () => {
  test("that was planted before the log-in is not the one after it, nor does it become good", async () => {
    const victim = browse(stage.app.url);
    const planted = "p".repeat(43);
    victim.cookies.set(SESSION_COOKIE, planted);
    await logIn(victim, stage.github, WRITER);
    expect(victim.cookies.get(SESSION_COOKIE)).not.toBe(planted);
    const attacker = browse(stage.app.url);
    attacker.cookies.set(SESSION_COOKIE, planted);
    expect((await attacker.get(runPath)).status).toBe(303);
  });

  test("of an earlier log-in in the same browser ends with the next one", async () => {
    const browser = browse(stage.app.url);
    await logIn(browser, stage.github, READER);
    const first = browser.cookies.get(SESSION_COOKIE) ?? "";
    await logIn(browser, stage.github, WRITER);
    const old = browse(stage.app.url);
    old.cookies.set(SESSION_COOKIE, first);
    expect((await old.get(runPath)).status).toBe(303);
  });

  test("is not made of a log-in that another browser began", async () => {
    const asked = await browse(stage.app.url).get("/login");
    const { location } = await stage.github.control.approveLogin({
      url: asked.headers.get("location") ?? "",
      login: WRITER,
    });
    const other = browse(stage.app.url);
    expect((await other.get(location)).status).toBe(400);
    await other.get("/login");
    const answer = await other.get(location);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("was not begun in this browser");
    expect(other.cookies.has(SESSION_COOKIE)).toBe(false);
  });

  test("has a cookie that only this host gets, over TLS, and no script", async () => {
    const browser = browse(stage.app.url);
    const begun = await browser.get("/login");
    for (const line of begun.headers.getSetCookie())
      expect(line).toMatch(/^__Host-[^;]+; .*Path=\/; Secure; HttpOnly; SameSite=Lax$/u);
    expect(browser.cookies.has(LOG_IN_COOKIE)).toBe(true);
  });

  test.each(["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])(
    "never leads to another site: %s",
    async (to) => {
      expect(await logIn(browse(stage.app.url), stage.github, WRITER, to)).toBe("/");
    },
  );
});

describe("a form", () => {
  const refused = async (send: () => Promise<Response>, status: number) => {
    const before = (await stage.checks()).length;
    const answer = await send();
    expect(answer.status).toBe(status);
    expect((await stage.checks()).length).toBe(before);
  };

  test("without its token, with another session's, or from another site does nothing", async () => {
    const { action, fields } = await retry();
    const other = browse(stage.app.url);
    await logIn(other, stage.github, WRITER);
    const foreign = formOf(await text(other, runPath), "Retry").fields["csrf"] ?? "";
    const { key = "", csrf = "" } = fields;
    await refused(() => writer.post(action, { key }), 403);
    await refused(() => writer.post(action, { key, csrf: foreign }), 403);
    await refused(() => writer.post(action, { key, csrf: "" }), 403);
    await refused(() => writer.post(action, fields, { origin: "https://evil.example" }), 403);
    await refused(() => writer.post(action, fields, { origin: "null" }), 403);
    await refused(() => writer.post(action, { csrf }), 400);
    await refused(() => browse(stage.app.url).post(action, fields), 401);
    await refused(() => writer.post(action, { ...fields, filler: "x".repeat(20_000) }), 413);
  });

  test("that was sent as anything else is not read", async () => {
    const { action, fields } = await retry();
    const send = fetch(`${stage.app.url}${action}`, {
      method: "POST",
      body: JSON.stringify(fields),
      headers: {
        "content-type": "text/plain",
        cookie: `${SESSION_COOKIE}=${writer.cookies.get(SESSION_COOKIE) ?? ""}`,
      },
    });
    expect((await send).status).toBeGreaterThanOrEqual(400);
  });

  test("for a button there is not, or a run of nobody's, is refused", async () => {
    const { fields } = await retry();
    expect((await writer.post("/runs/run_000000000000/press/retry", fields)).status).toBe(404);
    const unknown = await writer.post(`${runPath}/press/destroy`, fields);
    expect(await text(writer, unknown.headers.get("location") ?? "")).toContain("does nothing for run");
    expect((await writer.post("/boxes/cbx_000000000000/stop", fields)).status).toBe(404);
    expect((await writer.post("/deliveries/x/retry", fields)).status).toBe(404);
  });
});

describe("who may see", () => {
  test("nobody who is not logged in sees anything of a run", async () => {
    const nobody = browse(stage.app.url);
    for (const path of BENEATH) {
      const answer = await nobody.get(`${runPath}${path}`);
      expect([303, 401]).toContain(answer.status);
      expect(await answer.text()).not.toContain("secret of ours");
    }
    for (const path of ["/boxes", `/repos/${REPO}`, "/accounts", "/deliveries", "/audit"])
      expect((await nobody.get(path)).status).toBe(303);
    expect(await text(nobody, "/")).not.toContain("acme");
  });

  test("for who has no access there is no run, no log, no repository, no box", async () => {
    const stranger = browse(stage.app.url);
    await logIn(stranger, stage.github, STRANGER);
    const absent = await text(stranger, "/runs/run_000000000000");
    for (const path of BENEATH) {
      const answer = await stranger.get(`${runPath}${path}`);
      expect(answer.status).toBe(404);
      const said = await answer.text();
      if (path === "") expect(said).toBe(absent);
      expect(said).not.toContain("secret of ours");
    }
    expect((await stranger.get(`/repos/${REPO}`)).status).toBe(404);
    expect((await stranger.get(`/repos/${REPO}/pull/${stage.pull}`)).status).toBe(404);
    expect(await text(stranger, "/boxes")).not.toContain("cbx_");
    expect(await text(stranger, "/")).not.toContain(REPO);
  });

  test("access that was taken away a minute ago still lets nobody act", async () => {
    const form = await retry();
    const before = (await stage.checks()).length;
    await stage.github.control.setRole({ repo: REPO, login: WRITER, role: null });
    const pressed = await writer.post(form.action, form.fields);
    expect(pressed.status).toBe(403);
    // The refusal is news: what was remembered for looking is asked anew, too.
    expect((await writer.get(runPath)).status).toBe(404);
    expect((await stage.checks()).length).toBe(before);
    expect(await stage.sticky()).not.toContain("The buttons need write access");
    await stage.github.control.setRole({ repo: REPO, login: WRITER, role: "write" });
  });

  test("access that was taken away a minute ago is no access after a new log-in", async () => {
    const person = browse(stage.app.url);
    await logIn(person, stage.github, READER);
    expect((await person.get(runPath)).status).toBe(200);
    await stage.github.control.setRole({ repo: REPO, login: READER, role: null });
    await logIn(person, stage.github, READER);
    for (const path of BENEATH) expect((await person.get(`${runPath}${path}`)).status).toBe(404);
    await stage.github.control.setRole({ repo: REPO, login: READER, role: "read" });
  });

  test("a reader's forged press is refused, and says nothing in the pull request", async () => {
    const reader = browse(stage.app.url);
    await logIn(reader, stage.github, READER);
    const page = await text(reader, runPath);
    expect(page).not.toContain("/press/");
    const csrf = formOf(page, "Log out").fields["csrf"] ?? "";
    const answer = await reader.post(`${runPath}/press/retry`, { csrf, key: "k".repeat(22) });
    expect(answer.status).toBe(403);
    expect(await stage.sticky()).not.toContain("The buttons need write access");
  });
});

test("every page forbids frames, foreign scripts and keeping", async () => {
  for (const path of ["/", runPath, "/boxes", `${runPath}/log/lines`]) {
    const { headers } = await writer.get(path);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(headers.get("cache-control")).toBe("no-store");
  }
  await until(async () => (await stage.checks()).every(({ status }) => status === "completed"), "calm");
});
