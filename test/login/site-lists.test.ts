import { afterAll, beforeAll, expect, test } from "vitest";
import { timeline } from "../../app/pages/timeline.ts";
import { newRun } from "../store/fixture.ts";
import { openSite, type SiteStage } from "./site-stage.ts";

const HOSTILE = `<img src=x onerror="alert(1)">`;
let site: SiteStage;

beforeAll(async () => {
  site = await openSite((repository, login) =>
    login === "mona" && repository.id % 3 === 0 ? "read" : login === "wanda" ? "write" : "none",
  );
  const { repositories, runs, deliveries } = site.fixture.store;
  for (let id = 100; id < 250; id += 1)
    await repositories.upsert({
      id,
      accountId: 1,
      owner: "owner-1",
      name: `repository-${id}`,
      defaultBranch: "main",
      private: true,
    });
  for (let n = 0; n < 30; n += 1)
    await runs.create({
      ...newRun(),
      repositoryId: 102,
      pullRequest: 1 + (n % 2),
      headRef: HOSTILE,
      command: `${HOSTILE} ${n}`,
    });
  await runs.create({ ...newRun({ accountId: 3 }), repositoryId: 13, pullRequest: 5 });
  for (const guid of ["dead-1", "fine-1"])
    await deliveries.put({
      guid,
      event: "issue_comment",
      action: "created",
      installationId: 101,
      body: Buffer.from(guid),
    });
  await deliveries.claim(10, 60_000);
  await deliveries.failed("dead-1", HOSTILE, null);
});
afterAll(() => site.close());

const names = (html: string) =>
  [...html.matchAll(/>(owner-\d\/[\w-]+)<\/a> <span class="tag">/gu)].map(([, name]) => name);
const older = (html: string) =>
  /href="([^"]+)" rel="next"/u.exec(html)?.[1]?.replaceAll("&amp;", "&").replaceAll("&#x3D;", "=") ?? null;

test("home pages through what one may read, the busiest first, and asks GitHub a bounded number of times a page", async () => {
  const { browser } = await site.as("mona");
  const found: (string | undefined)[] = [];
  for (let path: string | null = "/", page = 0; path !== null && page < 20; page += 1) {
    const before = site.asked.length;
    const html: string = await (await browser.get(path)).text();
    expect(site.asked.length - before).toBeLessThanOrEqual(110);
    found.push(...names(html));
    path = older(html);
  }
  expect(found[0]).toBe("owner-1/repository-102");
  expect(new Set(found).size).toBe(found.length);
  // Every third of 150, and owner-2's shop (id 12); the third account's is not served.
  expect(found).toHaveLength(51);
  const asked = site.asked.length;
  await browser.get("/");
  expect(site.asked.length).toBe(asked);
});

test("a repository's pages: pull requests, runs in pages, hostile words as words", async () => {
  const { browser } = await site.as("mona");
  const html = await (await browser.get("/repos/OWNER-1/Repository-102")).text();
  expect(html).toContain("15 runs");
  expect(html).toContain("&lt;img src&#x3D;x onerror&#x3D;&quot;alert(1)&quot;&gt; 29");
  expect(html).not.toContain("<img src=x");
  const next = await (await browser.get(older(html) ?? "")).text();
  expect(next).toContain("&gt; 4<");
  expect(older(next)).toBeNull();
  expect((await browser.get("/repos/owner-1/repository-103")).status).toBe(404);
  expect((await browser.get("/repos/owner-3/shop")).status).toBe(404);
  expect((await browser.get("/repos/owner-1/repository-102/pull/99")).status).toBe(404);
  for (const from of ["-1", "1e9", "x"])
    expect((await browser.get(`/repos/owner-1/repository-102?from=${from}`)).status).toBe(400);
});

test("an admin sees every account, puts a dead letter back, and finds it in the audit", async () => {
  const { browser, csrf } = await site.as("ada");
  const accounts = await (await browser.get("/accounts")).text();
  for (const login of ["owner-1", "owner-2", "owner-3"]) expect(accounts).toContain(`<b>${login}</b>`);
  const html = await (await browser.get("/deliveries")).text();
  expect(html).toContain("dead-1");
  expect(html).not.toContain(HOSTILE);
  const other = await site.as("wanda");
  expect((await other.browser.post("/deliveries/dead-1/retry", { csrf: other.csrf })).status).toBe(404);
  expect((await browser.post("/deliveries/dead-1/retry", {})).status).toBe(403);
  expect(site.woken()).toBe(0);
  expect((await browser.post("/deliveries/dead-1/retry", { csrf })).status).toBe(303);
  expect((await browser.post("/deliveries/dead-1/retry", { csrf })).status).toBe(303);
  expect(site.woken()).toBe(1);
  const audit = await (await browser.get("/audit?subject=delivery&id=dead-1")).text();
  expect(audit).toContain("put_back");
  expect(audit).toContain("by: &quot;ada&quot;");
  expect(audit).not.toContain("fine-1");
  expect((await browser.get("/audit?subject=secrets")).status).toBe(400);
});

test("a secret link of before leads to the run's page, and an unknown one nowhere", async () => {
  const { runs, logLinks } = site.fixture.store;
  const { run } = await runs.create(newRun());
  const token = "t".repeat(43);
  await logLinks.put(token, run.id, site.fixture.clock.now() + 60_000);
  const go = (path: string) => fetch(`${site.url}${path}`, { redirect: "manual" });
  expect((await go(`/logs/${token}`)).headers.get("location")).toBe(`/runs/${run.id}`);
  expect((await go(`/logs/${token}/download`)).headers.get("location")).toBe(`/runs/${run.id}/log/download`);
  for (const left of ["artifacts/7", "bundle"])
    expect((await go(`/logs/${token}/${left}`)).headers.get("location")).toBe(`/runs/${run.id}/${left}`);
  expect((await go(`/logs/${token}/artifacts/%2e%2e%2fx`)).status).toBe(400);
  expect((await go(`/logs/${"u".repeat(43)}/artifacts/7`)).status).toBe(404);
  expect((await go(`/logs/${"u".repeat(43)}`)).status).toBe(404);
  expect((await go(`/logs/${token}/lines`)).status).toBe(404);
});

test("what was asked of GitHub is good for two minutes of looking", async () => {
  const { browser } = await site.as("wanda");
  await browser.get("/repos/owner-1/repository-110");
  const asked = site.asked.length;
  site.fixture.clock.advance(119_000);
  await browser.get("/repos/owner-1/repository-110");
  expect(site.asked.length).toBe(asked);
  site.fixture.clock.advance(2_000);
  await browser.get("/repos/owner-1/repository-110");
  expect(site.asked.length).toBe(asked + 1);
});

test("a timeline stays within its whole, whatever the times", () => {
  const rows = [0, 5, 1e9, 3, 0].map((ms) => ({ name: "x", duration: "", ms, result: "" }));
  for (const { from, share } of timeline(rows)) {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(from + share).toBeLessThanOrEqual(100);
    expect(share).toBeGreaterThan(0);
  }
  expect(timeline([])).toEqual([]);
});
