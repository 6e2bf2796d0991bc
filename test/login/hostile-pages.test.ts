import Fastify from "fastify";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadAssets } from "../../app/pages/assets.ts";
import { SITE_HEADERS } from "../../app/pages/site/site.ts";
import { textParts } from "../../app/pages/site/words.ts";
import { createSiteRenderer } from "../../app/render/site.ts";
import { HAS_CHROMIUM, launch, NEEDS, openPage } from "../pages/chromium.ts";
import { boxLine, frame, runLine, runPage } from "./hostile-views.ts";

const render = createSiteRenderer();
const ATTACKS = [
  `"><img src=x onerror=alert(1)>`,
  `'><svg/onload=alert(2)>`,
  `</code></title><script>alert(3)</script>`,
  `" autofocus onfocus=alert(4) x="`,
  "{{constructor.constructor('alert(5)')()}}",
  "javascript:alert(6)",
];
const none = { newer: "", older: "" };

/** Every page with `text` wherever a person, a repository or a box has a say. */
function pagesOf(text: string): Readonly<Record<string, string>> {
  const run = runLine(text);
  const box = boxLine(text);
  const at = run.at;
  const notice = textParts(`Stopped \`${text}\` ${text}`);
  return {
    home: render.home({
      frame: frame(text),
      running: [run],
      repositories: [{ name: text, href: "/repos/a/b", kind: "public" }],
      pager: none,
    }),
    repository: render.repository({
      frame: frame(text),
      name: text,
      webUrl: "https://github.com/a/b",
      pulls: [{ pull: "#1", href: "/repos/a/b/pull/1", branch: text, runs: "1 run", newest: run }],
      runs: [run],
      pager: none,
    }),
    pull: render.pull({
      frame: frame(text),
      repository: text,
      repositoryHref: "/repos/a/b",
      pull: "#1",
      webUrl: "https://github.com/a/b/pull/1",
      runs: [run],
      boxes: [box],
      notice,
      pager: none,
    }),
    run: render.run({ ...runPage(text), notice }),
    boxes: render.boxes({ frame: frame(text), boxes: [box], notice, isCut: true }),
    deliveries: render.deliveries({
      frame: frame(text),
      dead: [{ guid: text, event: text, tries: 1, error: text, at, action: "/deliveries/x/retry" }],
      deliveries: [{ guid: text, event: text, state: text, tone: "bad", tries: 1, at }],
      pager: none,
    }),
    audit: render.audit({
      frame: frame(text),
      subjects: [{ name: "run", isChosen: true }],
      subjectId: text,
      events: [{ subject: text, subjectId: text, href: "/audit", type: text, data: text, at }],
      pager: none,
    }),
    accounts: render.accounts({
      frame: frame(text),
      accounts: [
        {
          login: text,
          type: text,
          state: text,
          tone: "bad",
          runs: 1,
          boxes: 1,
          charged: text,
          reserved: text,
        },
      ],
      pager: none,
    }),
    fault: render.fault({ frame: frame(text), status: 404, message: text, hint: text, logIn: "" }),
  };
}

test.each(ATTACKS)("no page lets %s be more than text", (attack) => {
  const calm = pagesOf("calm");
  for (const [name, html] of Object.entries(pagesOf(attack))) {
    const tags = (page: string) => [...page.matchAll(/<(\w+)/gu)].map(([, tag]) => tag);
    expect(tags(html), name).toEqual(tags(calm[name] ?? ""));
    expect(html, name).not.toMatch(/<[^>]*\son\w+=/u);
    expect(html, name).not.toMatch(/(?:href|src|action)="\s*javascript:/iu);
  }
});

test("a page with a hole is an error, not a page", () => {
  expect(() => render.boxes({ ...hole(), frame: frame("x") })).toThrow(/boxes|missing/u);
});

describe.skipIf(!HAS_CHROMIUM)(`in a browser${NEEDS}`, () => {
  const pages = ATTACKS.flatMap((attack) => Object.values(pagesOf(attack)));
  const server = Fastify();
  loadAssets().register(server);
  server.get<{ readonly Params: { readonly n: string } }>("/:n", async (request, reply) => {
    const html = pages[Number(request.params.n)];
    reply.code(html === undefined ? 404 : 200).headers(SITE_HEADERS);
    return reply.type("text/html; charset=utf-8").send(html ?? "");
  });
  let url = "";
  let browser: Browser;
  beforeAll(async () => {
    url = await server.listen({ host: "127.0.0.1", port: 0 });
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("nothing runs, nothing pops up, and every form still goes to us", async () => {
    const { page, faults } = await openPage(browser, `${url}/0`);
    for (const number of pages.keys()) {
      await page.goto(`${url}/${number}`);
      const actions = await page.evaluate<string[]>("[...document.forms].map((form) => form.action)");
      for (const action of actions) expect(new URL(action).origin).toBe(url);
    }
    const alarms = faults.filter((fault) => !fault.includes("404"));
    expect(alarms).toEqual([]);
  });
});

function hole(): Parameters<typeof render.boxes>[0] {
  const empty: object = {};
  return empty as Parameters<typeof render.boxes>[0];
}
