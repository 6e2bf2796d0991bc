import type { Browser, Page } from "playwright-core";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SESSION_COOKIE } from "../../app/login/cookies.ts";
import { faultsOfAccess } from "../pages/access-faults.ts";
import { HAS_CHROMIUM, hasText, launch, NEEDS, openPage, rowsInView } from "../pages/chromium.ts";
import { openStage, READER, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

const WAIT = { timeout: 60_000 };
const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 } },
} as const;
/** Where pictures of the pages go, when somebody wants to look at them. */
const SHOTS = process.env["SHOTS"];

describe.skipIf(!HAS_CHROMIUM)(`the pages in a browser${NEEDS}`, () => {
  let browser: Browser;
  let stage: Stage;
  let runPath = "";

  beforeAll(async () => {
    browser = await launch();
    stage = await openStage({ login: true, settings: { admins: [WRITER] } });
    const check = await stage.run('/crabbox run -- for i in $(seq 40); do echo "line $i of the log"; done');
    runPath = new URL(check.detailsUrl ?? "").pathname;
    await stage.run("/crabbox run -- echo no good >&2; exit 3");
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  const logIn = async (login: string, path: string, options: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, `${stage.app.url}${path}`, options);
    const { page } = opened;
    if (path === "/") await page.click("text=Log in with GitHub");
    await page.click(`button.person:has-text("${login}")`);
    const leave = page.locator('button:has-text("Authorize")');
    await page.waitForLoadState();
    if ((await leave.count()) > 0) await leave.click();
    await page.waitForURL(`${stage.app.url}${path}`);
    return opened;
  };

  test("from the log-in to the live log, a run that ends while one looks, and its retry", async () => {
    const { page, faults } = await logIn(WRITER, "/");
    await stage.comment("/crabbox run -- echo begin; sleep 3; echo end of it");
    await until(async () => (await stage.checks()).length === 3, "the third check");
    await page.click(`text=${REPO}`);
    await page.click('a:has-text("#1")');
    await page.waitForURL(`**/repos/${REPO}/pull/${stage.pull}`);
    await page.click('a:has-text("end of it")');
    await page.waitForURL("**/runs/run_*");
    await hasText(page, "#title", "Succeeded");
    // Nobody is busy with the page, so it renews itself: with the result, and the buttons of a run that has ended.
    await page.waitForSelector('button:has-text("Retry")', WAIT);
    await expect.poll(() => rowsInView(page), WAIT).toContain("end of it");
    await hasText(page, "#phases", "execute");
    const before = page.url();
    await page.click('button:has-text("Retry")');
    await page.waitForURL((url) => url.pathname.startsWith("/runs/") && url.href !== before);
    await hasText(page, "#title", "Succeeded");
    expect(await page.textContent("main")).toContain("a retry of");
    expect(faults).toEqual([]);
    await page.close();
  });

  test("without script: the log's end, the phases, and a button that works", async () => {
    const { page } = await logIn(WRITER, runPath, { javaScriptEnabled: false });
    expect(await page.textContent("pre.tail")).toContain("line 40 of the log");
    expect(await page.textContent("#phases")).toContain("execute");
    expect(await page.isVisible("#log")).toBe(false);
    await page.click('button:has-text("Keep box")');
    await page.waitForURL(/said=/u);
    expect(await page.textContent(".notice")).toContain("for the next run");
    await page.close();
  });

  test("who logs out is logged out: the cookie is gone, and was good for nothing before it went", async () => {
    const { page } = await logIn(READER, "/boxes");
    const cookie = async () =>
      (await page.context().cookies()).find(({ name }) => name === SESSION_COOKIE)?.value ?? "";
    const before = await cookie();
    expect(before).not.toBe("");
    await page.click("text=Log out");
    await page.waitForURL(`${stage.app.url}/`);
    expect(await page.textContent("main")).toContain("Log in with GitHub");
    expect(await cookie()).toBe("");
    const headers = { cookie: `${SESSION_COOKIE}=${before}` };
    const answer = await fetch(`${stage.app.url}${runPath}`, { headers, redirect: "manual" });
    expect(answer.status).toBe(303);
    await page.close();
  });

  test.each(Object.entries(LOOKS))("%s: everybody can use every page", async (name, look) => {
    const { page, faults } = await logIn(WRITER, "/boxes", look);
    const pages = {
      home: "/",
      repository: `/repos/${REPO}`,
      pull: `/repos/${REPO}/pull/${stage.pull}`,
      run: runPath,
      boxes: "/boxes",
      accounts: "/accounts",
      deliveries: "/deliveries",
      audit: "/audit",
      fault: "/runs/run_0",
    };
    for (const [what, path] of Object.entries(pages)) {
      await page.goto(`${stage.app.url}${path}`);
      if (what === "run") await hasText(page, "#total", "lines");
      await shoot(page, `${what}-${name}`);
      expect.soft(await faultsOfAccess(page), what).toEqual([]);
    }
    expect(faults.filter((fault) => !fault.includes("404"))).toEqual([]);
    await page.close();
    const welcome = await openPage(browser, `${stage.app.url}/`, look);
    await shoot(welcome.page, `welcome-${name}`);
    expect(await faultsOfAccess(welcome.page)).toEqual([]);
    await welcome.page.close();
  });
});

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}
