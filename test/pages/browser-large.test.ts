import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { T0 } from "../templates/sample.ts";
import { HAS_CHROMIUM, hasText, launch, NEEDS, openPage, rowsInView } from "./chromium.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const WAIT = { timeout: 60_000 };
const LOG_BYTES = 200 * 1024 * 1024;
const CHUNK_LINES = 100_000;
const MEBIBYTE = 1024 * 1024;

describe.skipIf(!HAS_CHROMIUM)(`a log of 200 MB in a browser${NEEDS}`, () => {
  let browser: Browser;
  let stage: Stage;
  let page: Page;
  let rows = 0;
  let rssBefore = 0;
  let faults: readonly string[] = [];

  beforeAll(async () => {
    browser = await launch();
    stage = await openStage();
    for (let bytes = 0; bytes < LOG_BYTES;) {
      const chunk = Array.from(
        { length: CHUNK_LINES },
        (_, at) => `line ${rows + at + 1} \u001b[32mé✓\u001b[0m ${"x".repeat((rows + at) % 50)}\n`,
      ).join("");
      await stage.write(chunk);
      rows += CHUNK_LINES;
      bytes += Buffer.byteLength(chunk);
    }
    await stage.write(`${"y".repeat(50 * MEBIBYTE)}\nthe very last line\n`);
    rows += 2;
    stage.set({ run: { state: "done", outcome: "succeeded", endedAt: T0 + 1000 } });
    rssBefore = process.memoryUsage().rss;
    ({ page, faults } = await openPage(browser, stage.url));
  });
  afterAll(async () => {
    await browser.close();
    await stage.close();
  });

  const memory = async (): Promise<{ heap: number; nodes: number }> => ({
    heap: (await page.evaluate<number>("performance.memory.usedJSHeapSize")) / MEBIBYTE,
    nodes: await page.evaluate<number>("document.querySelectorAll('*').length"),
  });

  test("opens at its begin, and knows all of its lines", async () => {
    await hasText(page, "#total", rows.toLocaleString("en-US"));
    await expect.poll(async () => (await rowsInView(page))[0], WAIT).toMatch(/^line 1 é✓/u);
  });

  test("is at its end by one key, where a line of 50 MB is cut and says so", async () => {
    await page.keyboard.press("G");
    await expect.poll(async () => (await rowsInView(page)).at(-1), WAIT).toBe("the very last line");
    expect(await page.textContent(".cut")).toContain("52.4 MB, the download has all of it");
  });

  test("scrolls line by line far from its begin, and by the bar to any place", async () => {
    await page.evaluate("location.hash = '#L2000000'");
    await expect.poll(() => page.textContent(".row.marked .text"), WAIT).toMatch(/^line 2000000 /u);
    const first = (await rowsInView(page))[0];
    await page.hover("#log");
    await page.mouse.wheel(0, 100);
    await expect.poll(async () => (await rowsInView(page))[0], WAIT).not.toBe(first);
    const number =
      Number(/^line (\d+)/u.exec((await rowsInView(page))[0] ?? "")?.[1]) -
      Number(/^line (\d+)/u.exec(first ?? "")?.[1]);
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThanOrEqual(10);
    await page.evaluate(
      "(() => { const log = document.getElementById('log'); log.scrollTop = log.scrollHeight / 2; })()",
    );
    await expect
      .poll(
        async () =>
          Math.abs(Number(/^line (\d+)/u.exec((await rowsInView(page))[0] ?? "")?.[1]) / rows - 0.5) < 0.02,
        WAIT,
      )
      .toBe(true);
  });

  test("is searched to its end", async () => {
    await page.fill("#query", "very last");
    await expect.poll(() => page.textContent("#count"), WAIT).toBe("1 of 1");
    await expect.poll(() => rowsInView(page), WAIT).toContain("the very last line");
  });

  test("costs the browser and the App little", async () => {
    await page.fill("#query", "");
    for (let turn = 0; turn < 60; turn += 1) {
      await page.evaluate(`location.hash = '#L${1 + Math.floor((turn / 60) * (rows - 10))}'`);
      await expect.poll(() => page.locator(".row.marked:not(.loading)").count(), WAIT).toBe(1);
    }
    const { heap, nodes } = await memory();
    const rss = (process.memoryUsage().rss - rssBefore) / MEBIBYTE;
    process.stdout.write(
      `200 MB log: browser heap ${heap.toFixed(0)} MiB, ${nodes} elements; App's growth ${rss.toFixed(0)} MiB\n`,
    );
    expect(heap).toBeLessThan(100);
    expect(nodes).toBeLessThan(3000);
    expect(rss).toBeLessThan(400);
    expect(faults).toEqual([]);
  });
});
