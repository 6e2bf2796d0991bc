import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";

const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export const HAS_CHROMIUM = existsSync(EXECUTABLE);
/** Said by skipped suites. */
export const NEEDS = HAS_CHROMIUM ? "" : ` (skipped: no ${EXECUTABLE}; install Chromium, or set CHROMIUM)`;

/** `more`: arguments for Chromium beside the usual ones. */
export async function launch(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--enable-precise-memory-info",
      ...more,
    ],
  });
}

/** Opens a page that collects everything that must not happen on it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (message.type() === "error" || /content security/iu.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Texts of the rows in view, top to bottom. */
export const rowsInView = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const box = document.getElementById("log").getBoundingClientRect();
    return [...document.querySelectorAll(".row:not(.loading)")]
      .filter((row) => { const at = row.getBoundingClientRect(); return at.bottom > box.top + 2 && at.top < box.bottom - 2; })
      .map((row) => row.querySelector(".text").textContent);
  })()`);

/** Waits until an element's text contains `text`. By polling: the page's policy refuses what waits inside of it. */
export async function hasText(page: Page, selector: string, text: string): Promise<void> {
  await expect.poll(() => page.textContent(selector), { timeout: 60_000 }).toContain(text);
}
