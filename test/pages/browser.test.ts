import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { T0 } from "../templates/sample.ts";
import { HAS_CHROMIUM, hasText, launch, NEEDS, openPage, rowsInView } from "./chromium.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const WAIT = { timeout: 20_000 };
const lines = (from: number, count: number): string =>
  Array.from(
    { length: count },
    (_, at) => `line ${from + at}${(from + at) % 100 === 7 ? " needle" : ""}\n`,
  ).join("");

describe.skipIf(!HAS_CHROMIUM)(`the log page in a browser${NEEDS}`, () => {
  let browser: Browser;
  let stage: Stage;
  const requests: { url: string; referer: string }[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    requests.length = 0;
    stage = await openStage({ onRequest: (url, referer) => requests.push({ url, referer }) });
  });
  afterEach(() => stage.close());

  test("follows a log under way until somebody scrolls up, and again on f", async () => {
    await stage.write(lines(1, 200));
    const { page, faults } = await openPage(browser, stage.url);
    await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("line 200");
    await stage.write(lines(201, 300));
    await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("line 500");
    expect(await page.getAttribute("#follow", "aria-pressed")).toBe("true");
    // The window grows and shrinks, as a phone's does with its keyboard: the end stays in view.
    for (const height of [1200, 600]) {
      await page.setViewportSize({ width: 1280, height });
      await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("line 500");
      expect(await page.getAttribute("#follow", "aria-pressed")).toBe("true");
    }

    await page.hover("#log");
    await page.mouse.wheel(0, -400);
    await expect.poll(() => page.getAttribute("#follow", "aria-pressed"), WAIT).toBe("false");
    const held = (await rowsInView(page)).at(-1);
    await stage.write(lines(501, 50));
    await hasText(page, "#total", "550");
    expect((await rowsInView(page)).at(-1)).toBe(held);

    await page.keyboard.press("f");
    await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("line 550");
    await page.keyboard.press("g");
    await expect.poll(async () => (await rowsInView(page))[0], WAIT).toBe("line 1");
    await page.keyboard.press("G");
    await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("line 550");
    expect(faults).toEqual([]);
    await page.close();
  });

  test("searches the whole log on the server and steps through what it found", async () => {
    await stage.write(lines(1, 1000));
    stage.set({ run: { state: "done", outcome: "succeeded", endedAt: T0 + 1000 } });
    const { page, faults } = await openPage(browser, stage.url);
    await expect.poll(async () => (await rowsInView(page))[0], WAIT).toBe("line 1");
    await page.keyboard.press("/");
    await page.keyboard.type("NEEDLE");
    await hasText(page, "#count", "1 of 10");
    expect(await page.textContent("mark")).toBe("needle");
    await page.keyboard.press("Enter");
    await hasText(page, "#count", "2 of 10");
    await expect.poll(() => rowsInView(page), WAIT).toContain("line 107 needle");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.press("Shift+Enter");
    await hasText(page, "#count", "10 of 10");
    await expect.poll(() => rowsInView(page), WAIT).toContain("line 907 needle");
    await page.focus("#log");
    await page.keyboard.press("n");
    await hasText(page, "#count", "1 of 10");
    await page.fill("#query", "not there");
    await hasText(page, "#count", "none");
    expect(faults).toEqual([]);
    await page.close();
  });

  test("opens at a linked line and links to the one that is clicked", async () => {
    await stage.write(lines(1, 3000));
    const { page, faults } = await openPage(browser, `${stage.url}#L1500`);
    await expect.poll(() => page.textContent(".row.marked .text"), WAIT).toBe("line 1500");
    expect(await page.getAttribute("#follow", "aria-pressed")).toBe("false");
    await page.click('a[href="#L1503"]');
    expect(page.url()).toBe(`${stage.url}#L1503`);
    await expect.poll(() => page.textContent(".row.marked .text"), WAIT).toBe("line 1503");
    await page.evaluate('location.hash = "#L2900"');
    await expect.poll(() => page.textContent(".row.marked .text"), WAIT).toBe("line 2900");
    expect(faults).toEqual([]);
    await page.close();
  });

  test("shows the state as it changes, and separators between the lines", async () => {
    const { page, faults } = await openPage(browser, stage.url);
    await hasText(page, "#title", "Running for 1 min: starting");
    await stage.write({ e: "phase", name: "execute", at: "begin" }, "ok\n", {
      e: "exit",
      code: 7,
      executed: true,
      survivors: [],
      rung: "cgroup2",
      endedAt: T0,
    });
    const phases = { execute: { begin: T0, ms: 182_000, outcome: "failed" as const } };
    const exit = { code: 7, executed: true, survivors: [], rung: "cgroup2" as const, endedAt: T0 };
    stage.set({
      run: { state: "done", outcome: "failed", endedAt: T0 + 190_000 },
      attempts: [{ ...stage.attempt, state: "ended", phases, exit }],
    });
    await hasText(page, "#title", "Exited with 7 after 3 min 2 s");
    expect(await page.title()).toBe("Exited with 7 after 3 min 2 s · octo/shop");
    expect(await page.getAttribute("#dot", "data-tone")).toBe("bad");
    await hasText(page, "#said", "Exited with 7");
    await hasText(page, "#phases", "execute3 min 2 s");
    await expect.poll(() => rowsInView(page), WAIT).toEqual(["execute", "ok", "Exited with 7"]);
    expect(await page.textContent(".row.phase .text")).toBe("execute");
    expect(await page.isDisabled("#follow")).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  test("nothing that a box writes becomes more than text, and the link is told to nobody", async () => {
    const evil = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>";
    stage.set({ run: { command: evil, headRef: evil, detail: { message: evil } } });
    await stage.write(
      `${evil}\n`,
      { e: "note", text: evil },
      { e: "step", n: 1, name: evil, at: "begin" },
      "\u001b]8;;javascript:alert(4)\u0007click\u001b]8;;\u0007\n",
    );
    stage.set({ run: { state: "done", outcome: "refused" } });
    const { page, faults } = await openPage(browser, stage.url);
    await expect.poll(() => rowsInView(page), WAIT).toEqual([evil, evil, `Step 1: ${evil}`, "click"]);
    await page.fill("#query", "script");
    await hasText(page, "#count", "1 of 3");
    expect(
      await page.evaluate(
        "document.querySelectorAll('main img, main svg, main script, main a[href^=javascript], header img').length",
      ),
    ).toBe(0);
    const blocked = await page.evaluate<string>(
      "(() => { try { document.body.innerHTML = '<p>x'; return 'set'; } catch (error) { return error.name; } })()",
    );
    expect(blocked).toBe("TypeError");
    expect(requests.length).toBeGreaterThan(5);
    for (const { referer } of requests) expect(referer).toBe("");
    expect(faults.filter((fault) => !fault.includes("TrustedHTML"))).toEqual([]);
    await page.close();
  });

  test("says so when the link has expired meanwhile, and when the server is away", async () => {
    await stage.write(lines(1, 10));
    const { page } = await openPage(browser, stage.url);
    await expect.poll(async () => (await rowsInView(page)).length, WAIT).toBe(10);
    await page.context().setOffline(true);
    stage.dropReaders();
    await hasText(page, "#banner", "cannot be reached");
    await page.context().setOffline(false);
    await expect.poll(() => page.isHidden("#banner"), WAIT).toBe(true);
    await page.close();
  });
});
