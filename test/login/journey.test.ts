import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, READER, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { browse, formOf, logIn, type Browser } from "./journey.ts";

let stage: Stage;
let writer: Browser;
let runPath = "";

beforeAll(async () => {
  stage = await openStage({ login: true, settings: { admins: ["Rita"] } });
  await stage.github.control.createAccount({ login: "nobody" });
  const check = await stage.run("/crabbox run -- echo hello from the box");
  runPath = new URL(check.detailsUrl ?? "").pathname;
  writer = browse(stage.app.url);
  await logIn(writer, stage.github, WRITER);
});
afterAll(() => stage.close());

const text = async (browser: Browser, path: string) => (await browser.get(path)).text();

test("who is not logged in is sent to log in, and lands where they wanted to go", async () => {
  const browser = browse(stage.app.url);
  const sent = await browser.get(runPath);
  expect(sent.status).toBe(303);
  expect(sent.headers.get("location")).toBe(`/login?to=${encodeURIComponent(runPath)}`);
  expect(await sent.text()).not.toContain("hello");
  expect(await logIn(browser, stage.github, WRITER, runPath)).toBe(runPath);
  const page = await browser.get(runPath);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("hello from the box");
});

test("home, repository, pull request and run lead to each other", async () => {
  const home = await text(writer, "/");
  expect(home).toContain(`href="/repos/${REPO}"`);
  const repository = await text(writer, `/repos/${REPO}`);
  expect(repository).toContain(`href="/repos/${REPO}/pull/${stage.pull}"`);
  expect(repository).toContain(`href="${runPath}"`);
  const pull = await text(writer, `/repos/${REPO}/pull/${stage.pull}`);
  expect(pull).toContain(`href="${runPath}"`);
  expect(pull).toContain("Stop box");
  const run = await text(writer, runPath);
  for (const part of ["Succeeded", stage.headSha, "execute", "Retry", "cbx_"]) expect(run).toContain(part);
  expect(await text(writer, `${runPath}/log/download`)).toContain("hello from the box\n");
});

test("retry pressed in two tabs is one run, and both tabs land on it", async () => {
  const [one, two] = [await text(writer, runPath), await text(writer, runPath)].map((html) =>
    formOf(html, "Retry"),
  );
  if (one === undefined || two === undefined) throw new Error("no forms");
  expect(one.fields["key"]).not.toBe(two.fields["key"]);
  const answers = await Promise.all([
    writer.post(one.action, one.fields),
    writer.post(two.action, two.fields),
    writer.post(one.action, one.fields),
  ]);
  const places = new Set(answers.map((answer) => `${answer.status} ${answer.headers.get("location")}`));
  expect(places.size).toBe(1);
  expect([...places][0]).toMatch(/^303 \/runs\/run_/u);
  await until(
    async () => (await stage.checks()).filter(({ status }) => status === "completed").length === 2,
    "the second run to end",
  );
  expect(await stage.checks()).toHaveLength(2);
});

test("keep and stop from a page answer on the page", async () => {
  const checks = await stage.checks();
  const path = new URL(checks.at(-1)?.detailsUrl ?? "").pathname;
  const keep = formOf(await text(writer, path), "Keep box");
  const kept = await writer.post(keep.action, keep.fields);
  expect(await text(writer, kept.headers.get("location") ?? "")).toContain("for the next run");
  const boxes = await text(writer, "/boxes");
  const extend = formOf(boxes, "Extend");
  const extended = await writer.post(extend.action, extend.fields);
  expect(await text(writer, extended.headers.get("location") ?? "")).toContain("lives until");
  const stop = formOf(boxes, "Stop box");
  const stopped = await writer.post(stop.action, stop.fields);
  expect(await text(writer, stopped.headers.get("location") ?? "")).toContain("Stopped");
});

test("admins see accounts, deliveries and events; for others there are no such pages", async () => {
  const admin = browse(stage.app.url);
  await logIn(admin, stage.github, READER);
  expect(await text(admin, "/accounts")).toContain("acme");
  expect(await text(admin, "/deliveries")).toContain("issue_comment.created");
  expect(await text(admin, "/audit?subject=run")).toContain("run_");
  expect(await text(admin, runPath)).toContain("need write access");
  for (const path of ["/accounts", "/deliveries", "/audit"])
    expect((await writer.get(path)).status).toBe(404);
});
