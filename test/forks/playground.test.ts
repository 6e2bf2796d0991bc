import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOfAccess } from "../pages/access-faults.ts";
import { HAS_CHROMIUM, launch, NEEDS, openPage, rowsInView } from "../pages/chromium.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { FORK, openForkStage, STRANGER, type ForkStage } from "./fork-stage.ts";

/** Two people in browsers of their own, and real runs between, on a busy machine. */
const TEST_TIMEOUT_MS = 5 * 60_000;
const WAIT = { timeout: 120_000 };
const RUN = "/crabbox run -- cat NOTES.md && git rev-parse HEAD";
const THEIRS = "Written by a stranger.";

/** What would keep somebody from using a page, with its address. */
const unfit: string[] = [];

type Person = { readonly page: Page; readonly faults: readonly string[] };

describe.skipIf(!HAS_CHROMIUM || !canMakeUsers())(
  `a stranger's fork in the playground (hosts with a user each: needs root${NEEDS})`,
  () => {
    let browser: Browser;
    let forks: ForkStage;
    let stranger: Person;
    let writer: Person;
    let pullUrl = "";

    beforeAll(async () => {
      browser = await launch();
      forks = await openForkStage(2, { defaults: { provider: "cells" } }, { login: true });
      // Public, so that a stranger finds it.
      await forks.stage.github.control.setPrivate({ repo: REPO, private: false });
      stranger = await signIn(STRANGER);
      writer = await signIn(WRITER);
    }, TEST_TIMEOUT_MS);
    afterAll(async () => {
      await browser.close();
      await forks.close();
    });

    const signIn = async (login: string): Promise<Person> => {
      const { url } = forks.stage.github;
      const opened = await openPage(browser, `${url}/login?return_to=/${REPO}`);
      await isFitForAll(opened.page);
      await opened.page.click(`button.person:has-text("${login}")`);
      await opened.page.waitForURL(`${url}/${REPO}`);
      return opened;
    };
    const comment = async ({ page }: Person, body: string) => {
      await page.goto(pullUrl);
      await page.fill("#body", body);
      await page.click('form[action$="/comments"] button.primary');
      await page.waitForURL(/#issuecomment-/u);
    };
    const timeline = ({ page }: Person) => page.innerText("#timeline");
    const result = ({ page }: Person) => page.innerText("#run-top");
    const openNewestCheck = async ({ page }: Person) => {
      await page.click("#checks a.title");
      await page.waitForURL("**/checks?check_run_id=*");
    };

    test("opened from the fork; the stranger's own command starts nothing", async () => {
      const { page } = stranger;
      await isFitForAll(page);
      await page.click(`text=${FORK}`);
      await page.waitForURL(`**/${FORK}`);
      await isFitForAll(page);
      expect(await page.innerText("main")).toContain(`Writes one file on a new branch of ${FORK}`);
      await page.fill('textarea[name="content"]', THEIRS);
      await page.click('button:has-text("Open pull request")');
      await page.waitForURL(`**/${REPO}/pull/*`);
      pullUrl = page.url();
      await comment(stranger, RUN);
      await expect.poll(() => timeline(stranger), WAIT).toContain("😕");
      expect(await page.innerText("#checks")).not.toContain("crabbox / run");
      await isFitForAll(page);
    });

    test(
      "held for the writer too, approved by the button, run, log by its link, and again by the button",
      async () => {
        const { page } = writer;
        await comment(writer, RUN);
        await expect.poll(() => page.innerText("#checks"), WAIT).toContain("Waiting for an approval");
        await isFitForAll(page);
        await openNewestCheck(writer);
        const first = page.url();
        await isFitForAll(page);
        // The stranger sees the same check, and no button.
        await stranger.page.goto(first);
        expect(await stranger.page.locator("#run-top button").count()).toBe(0);
        expect(await stranger.page.innerText("#run-top")).toContain("For people with write access: Approve");
        await isFitForAll(stranger.page);
        expect(forks.sent()).toEqual([]);

        await page.click('button:has-text("Approve")');
        await expect.poll(() => result(writer), WAIT).toContain("Succeeded");
        expect(await page.innerText("#run-text")).toContain(THEIRS);
        await isFitForAll(page);

        await readLog(page);
        await page.goto(first);
        await page.click('button:has-text("Re-run")');
        await page.click("#run-newer a");
        await page.waitForURL((url) => url.href !== first);
        await expect.poll(() => result(writer), WAIT).toContain("Succeeded");
        const details = (await forks.stage.checks()).map(({ detailsUrl }) => detailsUrl);
        expect(new Set(details).size).toBe(2);
      },
      TEST_TIMEOUT_MS,
    );

    test(
      "a push is held again, and the printed command, pasted, lets it start",
      async () => {
        const later = "Pushed after the approval.";
        await stranger.page.goto(pullUrl);
        await stranger.page.fill("#content", later);
        await stranger.page.click('#push button:has-text("Push")');
        await stranger.page.waitForLoadState();
        await comment(writer, RUN);
        await expect.poll(() => writer.page.innerText("#checks"), WAIT).toContain("Waiting for an approval");
        await openNewestCheck(writer);
        const printed = await writer.page
          .locator("#run-summary pre", { hasText: "/crabbox approve" })
          .innerText();
        const held = writer.page.url();
        await comment(writer, printed.trim());
        await writer.page.goto(held);
        await expect.poll(() => result(writer), WAIT).toContain("Succeeded");
        expect(await writer.page.innerText("#run-text")).toContain(later);
      },
      TEST_TIMEOUT_MS,
    );

    test("everybody can use every one of these pages, and nothing went wrong on them", () => {
      expect(unfit).toEqual([]);
      expect([...stranger.faults, ...writer.faults]).toEqual([]);
    });

    /** From the check's link through the log-in to the log, and the App's pages around it. */
    async function readLog(page: Page): Promise<void> {
      await page.click('#run-top a:has-text("Details")');
      await page.click('button:has-text("Authorize")');
      await page.waitForURL(`${forks.stage.app.url}/runs/run_*`);
      await expect.poll(() => rowsInView(page), WAIT).toContain(THEIRS);
      await isFitForAll(page);
      const number = new URL(pullUrl).pathname.split("/").at(-1);
      for (const path of ["/", `/repos/${REPO}`, `/repos/${REPO}/pull/${number}`, "/boxes"]) {
        await page.goto(`${forks.stage.app.url}${path}`);
        await isFitForAll(page);
      }
    }
  },
);

/** Told by the last test: the story goes on. */
async function isFitForAll(page: Page): Promise<void> {
  unfit.push(...(await faultsOfAccess(page)).map((fault) => `${page.url()}: ${fault}`));
}
