import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, launch, openPage } from "../pages/chromium.ts";
import { dockerMissing } from "../servers/docker.ts";
import { until } from "../servers/until.ts";
import { COMPOSE } from "./compose.ts";
import { startComposition, type Composition } from "./composition.ts";

const REPO = "olga/shop";
const DOCS = join(import.meta.dirname, "..", "..", "docs", "install.md");
/** Compiler tools, all packages, the store's driver compiled: ten minutes the first time on two busy cores, then the layers are there. */
const PREPARE_TIMEOUT_MS = 30 * 60_000;
const FLOW_TIMEOUT_MS = 6 * 60_000;

const NEEDS = [
  process.env["CRABBOX_TEST_IMAGES"] === "1" ? null : "CRABBOX_TEST_IMAGES=1, for it builds images",
  dockerMissing(),
  COMPOSE === null ? "needs docker compose" : null,
  HAS_CHROMIUM ? null : "needs Chromium",
].filter((need) => need !== null);

describe.skipIf(NEEDS.length > 0)(`both images, as delivered (${NEEDS.join("; ") || "real"})`, () => {
  let stage: Composition;
  beforeAll(async () => {
    stage = await startComposition();
    await seed();
  }, PREPARE_TIMEOUT_MS);
  afterAll(() => stage?.stop(), FLOW_TIMEOUT_MS);

  test(
    "from nothing to the first result through Caddy, in a browser",
    { timeout: FLOW_TIMEOUT_MS },
    async () => {
      const begun = Date.now();
      const { github, publicUrl } = stage;
      const address = await until(
        async () => (await logs()).split(/\s/u).find((word) => word.startsWith(`${publicUrl}/setup?token=`)),
        "the address with its token",
      );
      // The real GitHub has TLS; Chromium warns of forms that go to a place without.
      const browser = await launch([`--unsafely-treat-insecure-origin-as-secure=${github.url}`]);
      let clicks = 0;
      try {
        const refused = await openPage(browser, `${publicUrl}/setup`, { ignoreHTTPSErrors: true });
        expect(await refused.page.textContent("body")).toContain("Only who sits at this server");
        const { page } = await openPage(browser, address, { ignoreHTTPSErrors: true });
        for (const name of ["Create the App on GitHub", /olga/u, /Create GitHub App/u, "Install on olga"]) {
          await page.getByRole("button", { name }).click();
          clicks += 1;
        }
        await page.getByRole("heading", { name: "Crabbox is installed" }).waitFor();
      } finally {
        await browser.close();
      }
      await succeeds("echo from the box");
      const seconds = Math.round((Date.now() - begun) / 1000);
      const [app, caddy, base] = (["app", "caddy", "base"] as const).map((image) => stage.sizeMib(image));
      process.stdout.write(
        `from an empty volume to the first result: ${clicks} clicks, ${seconds} s; MiB: App ${app}, Caddy ${caddy}, of which the base ${base}\n`,
      );
      expect(clicks).toBe(4);
      expect(await github.control.listViolations({})).toEqual([]);
    },
  );

  test("doctor in the container finds nothing broken, and installs nothing", async () => {
    const { code, out, said } = await stage.compose("exec", "-T", "app", "crabbox-app", "doctor");
    expect(code, said).toBe(0);
    expect(out).toContain("Nothing is broken");
    expect(said).not.toContain("Installing");
  });

  test("the App runs as nobody in particular, cannot change its own program, and is healthy", async () => {
    const inApp = (line: string) => stage.compose("exec", "-T", "app", "sh", "-c", line);
    expect((await inApp("id -u")).out.trim()).toBe("10001");
    expect((await inApp("touch /opt/crabbox-app/app/main.ts")).code).not.toBe(0);
    expect((await inApp("grep -E '^(CapEff|NoNewPrivs)' /proc/1/status")).out).toMatch(
      /CapEff:\t0+\nNoNewPrivs:\t1/u,
    );
    await until(async () => (await stage.compose("ps")).out.includes("(healthy)"), "the health check");
  });

  test(
    "the outside sees the App's doors only, and the log tells who knocked",
    { timeout: FLOW_TIMEOUT_MS },
    async () => {
      const browser = await launch();
      try {
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        const ask = async (path: string) => (await context.request.get(`${stage.publicUrl}${path}`)).status();
        expect(await ask("/healthz")).toBe(200);
        expect(await ask("/metrics")).toBe(404);
        const knock = await context.request.post(`${stage.publicUrl}/api/github/webhooks`, {
          data: {},
          headers: { "x-forwarded-for": "203.0.113.7" },
        });
        expect(knock.status()).toBeGreaterThanOrEqual(400);
        expect(knock.headers()["strict-transport-security"]).toContain("max-age");
      } finally {
        await browser.close();
      }
      const log = await until(async () => /"from":"[^"]+"/u.exec(await logs())?.[0], "the line");
      expect(log).not.toContain("203.0.113.7");
    },
  );

  test("stop, start: it is the same App", { timeout: FLOW_TIMEOUT_MS }, async () => {
    expect((await stage.compose("restart", "app")).code).toBe(0);
    await succeeds("echo after the restart");
    expect(await logs()).toContain("drained");
  });

  test("backup and restore, as docs/install.md has them", { timeout: FLOW_TIMEOUT_MS }, async () => {
    const shell = [...readFileSync(DOCS, "utf8").matchAll(/app sh -c '([^']+)'/gu)].map(
      ([, line = ""]) => line,
    );
    const [backup = "", restore = ""] = shell;
    const saved = await stage.compose("exec", "-T", "app", "sh", "-c", backup);
    expect(saved.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    await result("echo not in the backup");
    await stage.compose("stop", "app");
    const once = ["run", "--rm", "--no-deps", "-T", "app"];
    const restored = await stage.composeWith(saved.bytes, ...once, "sh", "-c", restore);
    expect(restored.said).toContain("is restored");
    expect((await stage.compose("start", "app")).code).toBe(0);
    await succeeds("echo after the restore");
  });

  async function logs(): Promise<string> {
    return (await stage.compose("logs", "--no-color", "app")).out;
  }

  async function succeeds(line: string): Promise<void> {
    const { conclusion, output } = await result(line);
    expect(conclusion, `${output.title}\n${output.summary}`).toBe("success");
  }

  /** Comments, and waits for the check. */
  async function result(line: string) {
    const { control } = stage.github;
    await control.comment({ repo: REPO, number: 1, login: "olga", body: `/crabbox run -- ${line}` });
    return until(
      async () =>
        (await control.listCheckRuns({ repo: REPO })).find(
          ({ name, status }) => name.includes(line) && status === "completed",
        ),
      `the check of ${line}; the App says ${(await logs()).slice(-2000)}`,
      FLOW_TIMEOUT_MS,
    );
  }

  async function seed(): Promise<void> {
    const { control } = stage.github;
    await control.createAccount({ login: "olga" });
    await control.createRepository({ owner: "olga", name: "shop", private: true, files: { "a.txt": "a\n" } });
    await control.setRole({ repo: REPO, login: "olga", role: "admin" });
    const change = { repo: REPO, branch: "change", login: "olga", parent: "main", files: { "a.txt": "b\n" } };
    await control.pushCommit(change);
    await control.openPull({ repo: REPO, login: "olga", title: "A change", head: "change", base: "main" });
  }
});
