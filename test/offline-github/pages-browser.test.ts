import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, launch, NEEDS, openPage } from "../pages/chromium.ts";
import { faultsOfAccess } from "../pages/access-faults.ts";
import { openReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { openPull, openStage, REPO } from "./stage.ts";
import type { Stage } from "./stage.ts";

const WAIT = { timeout: 20_000 };
const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 } },
} as const;

describe.skipIf(!HAS_CHROMIUM)(`the playground in a browser${NEEDS}`, () => {
  let browser: Browser;
  let stage: Stage;
  let receiver: Receiver;
  let path = "";
  let headSha = "";

  beforeAll(async () => {
    browser = await launch();
    stage = await openStage();
    receiver = await openReceiver(stage.github.webhookSecret);
    await stage.github.control.updateApp({ webhookUrl: receiver.url });
    await stage.github.control.settings({ suggestions: ["/crabbox help"] });
    const pull = await openPull(stage);
    path = `/${REPO}/pull/${pull.number}`;
    ({ headSha } = pull);
  });

  afterAll(async () => {
    const violations = await stage.github.control.listViolations({});
    await browser.close();
    await receiver.stop();
    await stage.stop();
    expect(violations).toEqual([]);
  });

  const signIn = async (login: string, options: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, `${stage.github.url}/login?return_to=${path}`, options);
    await opened.page.click(`button.person:has-text("${login}")`);
    await opened.page.waitForURL(`**${path}`);
    return opened;
  };

  const check = async (fields: object) => {
    const made = { owner: "acme", repo: "widgets", name: "crabbox / run: ls", head_sha: headSha };
    return (await stage.octokit.rest.checks.create({ ...made, ...fields })).data.id;
  };

  test("a comment, a run that appears and ends while one looks, and its buttons", async () => {
    const { page, faults } = await signIn("wendy");
    await page.fill("#body", "/crabbox run -- ls");
    await page.click('form[action$="/comments"] button.primary');
    await expect.poll(() => textOf(page, "#timeline"), WAIT).toContain("/crabbox run -- ls");
    const told = await receiver.waitFor((row) => row.event === "issue_comment");
    expect(told.payload).toMatchObject({
      comment: { body: "/crabbox run -- ls" },
      sender: { login: "wendy" },
    });

    const id = await check({ status: "in_progress", output: { title: "Running", summary: "-" } });
    await expect.poll(() => textOf(page, "#checks"), WAIT).toContain("Running");
    const sticky = { owner: "acme", repo: "widgets", issue_number: Number(path.split("/").at(-1)) };
    const { data } = await stage.octokit.rest.issues.createComment({ ...sticky, body: "first state" });
    await expect.poll(() => textOf(page, "#timeline"), WAIT).toContain("first state");
    await stage.octokit.rest.issues.updateComment({ ...sticky, comment_id: data.id, body: "second state" });
    await expect.poll(() => textOf(page, `#issuecomment-${data.id}`), WAIT).toContain("second state");
    await stage.octokit.rest.checks.update({
      owner: "acme",
      repo: "widgets",
      check_run_id: id,
      status: "completed",
      conclusion: "success",
      output: { title: "Succeeded in 1 s", summary: "**Good.**" },
      actions: [{ label: "Keep box", description: "Keep it warm", identifier: "keep" }],
    });
    await expect.poll(() => textOf(page, "#checks"), WAIT).toContain("Succeeded in 1 s");

    await page.click("#checks a.title");
    await page.click('button:has-text("Re-run")');
    await receiver.waitFor((row) => row.event === "check_run" && row.action === "rerequested");
    await page.click('button:has-text("Keep box")');
    await receiver.waitFor((row) => row.action === "requested_action");
    expect(faults).toEqual([]);
    await page.close();
  });

  test("what one is typing stays while the page is renewed", async () => {
    const { page } = await signIn("wendy");
    await page.fill("#body", "half a sent");
    await page.fill("#file", "docs/other.md");
    await check({ name: "another", status: "queued" });
    await expect.poll(() => textOf(page, "#checks"), WAIT).toContain("another");
    expect(await page.inputValue("#body")).toBe("half a sent");
    expect(await page.inputValue("#file")).toBe("docs/other.md");
    await page.close();
  });

  test("a stranger without script: fork, pull request, comment", async () => {
    const { page } = await signIn("rita", { javaScriptEnabled: false });
    await page.goto(`${stage.github.url}/${REPO}`);
    await page.click('button:has-text("Fork")');
    await page.click('button:has-text("Open pull request")');
    await page.waitForURL(`**/${REPO}/pull/*`);
    await page.click('button:has-text("/crabbox help")');
    await page.waitForURL(/#issuecomment-/);
    const told = await receiver.waitFor(({ payload }) => {
      return (payload["comment"] as { body?: string } | undefined)?.body === "/crabbox help";
    });
    expect(told.payload).toMatchObject({ sender: { login: "rita" } });
    await page.close();
  });

  test("the judge of pages finds what is wrong with a bad one", async () => {
    const page = await browser.newPage();
    const bad = '<p style="color:#999">grey</p><img src=x><input><a href=x></a>';
    await page.setContent(`${bad}<div style="width:3000px">wide</div>`);
    expect((await faultsOfAccess(page)).map((fault) => fault.split(/[:\s]/u)[0])).toEqual(
      expect.arrayContaining(["color-contrast", "image-alt", "label", "link-name", "wider"]),
    );
    await page.close();
  });

  test.each(Object.entries(LOOKS))("every page is readable and fits: %s", async (_, look) => {
    const id = await check({
      name: `check ${"long ".repeat(20)}`,
      output: {
        title: "Failed",
        summary: "| a | b |\n| - | - |\n| `x` | [y](https://example.com) |\n\n> quoted\n\n~~~\ncode\n~~~",
        annotations: [{ path: "a", start_line: 1, end_line: 1, annotation_level: "failure", message: "m" }],
      },
    });
    const { page, faults } = await signIn("wendy", look);
    const pages = ["/", "/login", `/${REPO}`, path, `${path}/checks?check_run_id=${id}`, `${path}/files`];
    const more = [`/${REPO}/runs/${id}`, `/${REPO}/commit/${headSha}`];
    for (const one of [...pages, ...more]) {
      await page.goto(stage.github.url + one);
      expect([one, await faultsOfAccess(page)]).toEqual([one, []]);
    }
    expect(faults).toEqual([]);
    await page.close();
  });
});

const textOf = (page: Page, selector: string): Promise<string> => page.innerText(selector);
