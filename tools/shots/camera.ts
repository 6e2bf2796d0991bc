import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Look, Picture } from "./pictures.ts";

export type Camera = {
  /** Takes the pictures of these pages, in the looks that are wanted of each. */
  take(pictures: readonly Picture[]): Promise<void>;
};

type CameraRequest = {
  readonly browser: Browser;
  readonly to: string;
  readonly every: boolean;
  readonly githubUrl: string;
  readonly appUrl: string;
  readonly login: string;
  readonly tell: (text: string) => void;
};

const DESKTOP = { width: 1280, height: 800 };
/** A usual phone, in CSS pixels. */
const PHONE = { width: 390, height: 844 };
const LOOKS = {
  light: { colorScheme: "light", viewport: DESKTOP },
  dark: { colorScheme: "dark", viewport: DESKTOP },
  phone: { colorScheme: "light", viewport: PHONE },
} as const;
const LOOK_NAMES: readonly Look[] = ["light", "dark", "phone"];

/** A camera in the hands of somebody who is logged in at the offline GitHub and at the App, once for each look. */
export function createCamera(request: CameraRequest): Camera {
  const contexts = new Map<Look, BrowserContext>();
  mkdirSync(request.to, { recursive: true });

  async function contextOf(look: Look): Promise<BrowserContext> {
    const known = contexts.get(look);
    if (known !== undefined) return known;
    const context = await request.browser.newContext({
      ...LOOKS[look],
      locale: "en-GB",
      timezoneId: "UTC",
      reducedMotion: "reduce",
    });
    contexts.set(look, context);
    const page = await context.newPage();
    await logIn(page, request);
    await page.close();
    return context;
  }

  async function take(picture: Picture, look: Look): Promise<void> {
    const { every, to, tell } = request;
    const page = await (await contextOf(look)).newPage();
    const height = every ? undefined : picture.docs?.[look];
    if (height !== undefined) await page.setViewportSize({ width: LOOKS[look].viewport.width, height });
    await page.goto(picture.url);
    await page
      .locator(picture.shows ?? "main")
      .first()
      .waitFor();
    const path = join(to, `${picture.name}${look === "light" ? "" : `-${look}`}.png`);
    await page.screenshot({ path, fullPage: every, animations: "disabled", caret: "hide" });
    await page.close();
    tell(path);
  }

  return {
    async take(pictures) {
      for (const picture of pictures)
        for (const look of LOOK_NAMES)
          if (request.every || picture.docs?.[look] !== undefined) await take(picture, look);
    },
  };
}

async function logIn(page: Page, { githubUrl, appUrl, login }: CameraRequest): Promise<void> {
  await page.goto(`${githubUrl}/login?return_to=/`);
  await page.click(`button.person:has-text("${login}")`);
  await page.waitForURL(`${githubUrl}/`);
  await page.goto(`${appUrl}/login?to=/`);
  const agree = page.locator('button:has-text("Authorize")');
  // Asked once a person; whoever agreed before is sent on at once.
  if ((await agree.count()) > 0) await agree.click();
  await page.waitForURL(`${appUrl}/`);
}
