import { afterAll, beforeAll, expect, test } from "vitest";
import { ids, newRun } from "../store/fixture.ts";
import type { Run } from "../../app/store/rows.ts";
import { openSite, type SiteStage } from "./site-stage.ts";

let site: SiteStage;
let run: Run;
let other: Run;
let artifact = 0;
let attackersRole: "read" | "none" = "read";

beforeAll(async () => {
  site = await openSite(({ id }, login) =>
    login === "mona" && id === 11 ? attackersRole : login === "wanda" ? "write" : "none",
  );
  const { runs, artifacts } = site.fixture.store;
  ({ run } = await runs.create(newRun()));
  ({ run: other } = await runs.create(newRun({ accountId: 2, repositoryId: 12 })));
  for (const [owner, name] of [
    [other, "theirs"],
    [run, "<b>ours"],
  ] as const)
    await artifacts.add({
      runId: owner.id,
      attemptId: ids.attempt(),
      repositoryId: owner.repositoryId,
      origin: "tree",
      name,
      sha256: "a".repeat(64),
      sizeBytes: 1_234,
      expiresAt: site.fixture.clock.now() + 86_400_000,
    });
  artifact = (await artifacts.ofRun(run.id, 10))[0]?.id ?? 0;
});
afterAll(() => site.close());

test("who may read the run sees its files, by name, size and end, and is led to where they are served", async () => {
  const { browser } = await site.as("mona");
  const page = await (await browser.get(`/runs/${run.id}`)).text();
  expect(page).toContain(`<a href="${run.id}/artifacts/${artifact}" rel="noopener">&lt;b&gt;ours</a>`);
  expect(page).toContain('1.2 KB, goes <time datetime="');
  expect(page).toMatch(/goes <time datetime="([^"]+Z)" title="\1">in [^<]*(?:d|h|day)[^<]*<\/time>/u);
  const led = await browser.get(`/runs/${run.id}/artifacts/${artifact}`);
  expect(led.status).toBe(303);
  expect(led.headers.get("location")).toBe(`http://content.test/artifacts/${artifact}/pass`);
  expect(led.headers.get("cache-control")).toBe("no-store");
});

test("an artifact is had through its own run only, a bundle of a failed run only", async () => {
  const { browser } = await site.as("wanda");
  for (const path of [
    `/runs/${other.id}/artifacts/${artifact}`,
    `/runs/${run.id}/artifacts/9999`,
    `/runs/${run.id}/artifacts/x`,
    `/runs/${run.id}/bundle`,
  ])
    expect((await browser.get(path)).status).toBe(404);
});

test("who may not read the run gets neither page, file nor bundle; who is not logged in is sent to log in", async () => {
  const stranger = (await site.as("stella")).browser;
  for (const path of ["", `/artifacts/${artifact}`, "/bundle"])
    expect((await stranger.get(`/runs/${run.id}${path}`)).status).toBe(404);
  const nobody = await fetch(`${site.url}/runs/${run.id}/artifacts/${artifact}`, { redirect: "manual" });
  expect(nobody.status).toBe(303);
  const to = encodeURIComponent(`/runs/${run.id}/artifacts/${artifact}`);
  expect(nobody.headers.get("location")).toBe(`/login?to=${to}`);
  // Access that was taken away counts from the next log-in on.
  attackersRole = "none";
  const again = (await site.as("mona")).browser;
  site.fixture.clock.advance(180_000);
  expect((await again.get(`/runs/${run.id}/artifacts/${artifact}`)).status).toBe(404);
});
