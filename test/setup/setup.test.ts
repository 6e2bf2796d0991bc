import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { launchGitHub, type GitHub } from "../../demo/github/launch.ts";
import { faultsOfAccess } from "../pages/access-faults.ts";
import { HAS_CHROMIUM, launch, NEEDS, openPage } from "../pages/chromium.ts";
import { freePort } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

const MAIN = join(import.meta.dirname, "..", "..", "app", "main.ts");
const REPO = "olga/shop";

let dir: string;
let github: GitHub;
let started: ChildProcess[] = [];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-setup-"));
  github = await launchGitHub({ stateDir: join(dir, "github"), webhookUrl: "http://127.0.0.1:9/none" });
  const { control } = github;
  await control.createAccount({ login: "olga" });
  await control.createRepository({ owner: "olga", name: "shop", private: true, files: { "a.txt": "a\n" } });
  await control.setRole({ repo: REPO, login: "olga", role: "admin" });
  await control.pushCommit({
    repo: REPO,
    branch: "change",
    login: "olga",
    parent: "main",
    files: { "a.txt": "b\n" },
  });
  await control.openPull({ repo: REPO, login: "olga", title: "A change", head: "change", base: "main" });
});
afterAll(async () => {
  for (const child of started) child.kill("SIGTERM");
  await until(
    () => started.every((child) => child.exitCode !== null || child.signalCode !== null),
    "the ends",
  );
  started = [];
  await github.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** `npm start` in a directory of its own, without a secret; answers the address that the console shows. */
async function begin(name: string, port: number, settings: object | null) {
  const config = join(dir, `${name}.yml`);
  if (settings !== null) writeFileSync(config, stringify(settings));
  const logFile = join(dir, `${name}.log`);
  const log = openSync(logFile, "w");
  const cwd = mkdtempSync(join(dir, `${name}-`));
  const child = spawn(process.execPath, [MAIN], {
    cwd,
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"], HOME: dir, CRABBOX_CONFIG: config, PORT: String(port) },
  });
  started.push(child);
  const said = () => readFileSync(logFile, "utf8");
  const address = await until(
    () => /http:\S+\/setup\?token=\S+/u.exec(said())?.[0],
    `the address in ${said()}`,
  );
  return { config, said, address, child };
}

describe.skipIf(!HAS_CHROMIUM)(`in a browser${NEEDS}`, () => {
  test("from nothing to the first answer: three clicks, and one to say who one is", async () => {
    const port = await freePort();
    const stateDir = join(dir, "first");
    const { address } = await begin("first", port, {
      accounts: ["olga"],
      stateDir,
      publicUrl: `http://127.0.0.1:${port}`,
      listen: { host: "127.0.0.1", port },
      github: { apiUrl: github.apiUrl, webUrl: github.url },
      providers: [{ kind: "local", name: "local", inContainer: "allow" }],
    });
    const browser = await launch();
    try {
      const { page, faults } = await openPage(browser, address);
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole("button", { name: "Create the App on GitHub" }).click();
      await page.getByRole("button", { name: /olga/u }).click();
      await page.getByRole("button", { name: /Create GitHub App/u }).click();
      await page.getByRole("button", { name: "Install on olga" }).click();
      await page.getByRole("heading", { name: "Crabbox is installed" }).waitFor();
      expect(await faultsOfAccess(page)).toEqual([]);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
    expect(statSync(join(stateDir, "app.json")).mode & 0o077).toBe(0);
    await github.control.comment({ repo: REPO, number: 1, login: "olga", body: "/crabbox help" });
    await until(
      async () =>
        (await github.control.listComments({ repo: REPO, number: 1 })).some(({ body }) =>
          body.includes("/crabbox run"),
        ),
      "the answer to /crabbox help",
    );
    const again = await fetch(`http://127.0.0.1:${port}/setup`);
    expect(again.status).toBe(404);
  });
});

test("without a settings file one is written: this account, these addresses, no secret in it", async () => {
  const port = await freePort();
  const { address, config, said } = await begin("second", port, null);
  const query = new URLSearchParams({ webUrl: github.url, publicUrl: "https://box.example.com/" });
  const page = await fetch(`${address}&${query.toString()}`);
  const html = await page.text();
  const state = /new\?state&#x3D;([\w-]+)"/u.exec(html)?.[1] ?? "";
  const manifest = (/name="manifest" value="([^"]+)"/u.exec(html)?.[1] ?? "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x3D;", "=");
  expect(JSON.parse(manifest)).toMatchObject({
    public: false,
    redirect_url: `http://127.0.0.1:${port}/setup/created`,
    hook_attributes: { url: "https://box.example.com/api/github/webhooks" },
  });
  const code = await agree(manifest, state);
  const back = `http://127.0.0.1:${port}/setup/created?`;
  expect((await fetch(`${back}${new URLSearchParams({ code, state: "another" }).toString()}`)).status).toBe(
    400,
  );
  const done = await fetch(`${back}${new URLSearchParams({ code, state }).toString()}`, {
    redirect: "manual",
  });
  expect(done.status, said()).toBe(303);
  expect(done.headers.get("location")).toMatch(/\/apps\/[\w-]+\/installations\/new$/u);
  const written = readFileSync(config, "utf8");
  expect(parse(written)).toMatchObject({ accounts: ["olga"], publicUrl: "https://box.example.com" });
  expect(written).not.toContain("PRIVATE KEY");
  expect(said()).not.toContain("PRIVATE KEY");
});

test("a code that was used before leaves nothing behind, and says where to begin again", async () => {
  const port = await freePort();
  const { address } = await begin("third", port, {
    accounts: ["olga"],
    stateDir: join(dir, "third"),
    listen: { host: "127.0.0.1", port },
    github: { apiUrl: github.apiUrl, webUrl: github.url },
    providers: [{ kind: "local", name: "local" }],
  });
  const html = await (await fetch(address)).text();
  const state = /new\?state&#x3D;([\w-]+)"/u.exec(html)?.[1] ?? "";
  const query = new URLSearchParams({ code: "used-before", state }).toString();
  const refused = await fetch(`http://127.0.0.1:${port}/setup/created?${query}`);
  expect(await github.control.listViolations({})).toEqual([]);
  expect(refused.status, await refused.clone().text()).toBe(400);
  expect(await refused.text()).toContain("Begin again");
  const twice = await fetch(`http://127.0.0.1:${port}/setup/created?${query}`);
  expect(await twice.text()).toContain("was not begun here");
});

test("a link on somebody's page leads here, but says nothing of where the App is made", async () => {
  const port = await freePort();
  const { address, said } = await begin("fourth", port, null);
  const evil = new URLSearchParams({ webUrl: "https://evil.example", organization: "evil" }).toString();
  const led = async (from: string) =>
    (await fetch(`${address}&${evil}`, { headers: { "sec-fetch-site": from } })).text();
  for (const from of ["cross-site", "same-site"]) {
    expect(await led(from)).not.toContain("evil");
    expect(await led(from)).toContain('action="https://github.com/settings/apps/new');
  }
  expect(await led("same-origin")).toContain('action="https://evil.example/organizations/evil/');
  // A cookie that no page of ours set is a stranger's, whatever is in it, and no fault of the App.
  const stranger = await fetch(`http://127.0.0.1:${port}/setup`, {
    headers: { cookie: "crabbox_setup=%", "x-forwarded-for": "10.0.0.7" },
  });
  expect(stranger.status).toBe(403);
  expect(said()).not.toContain("the set-up failed");
});

/** What a person does on GitHub's pages: signs in, agrees; answers the code GitHub sends back. */
async function agree(manifest: string, state: string): Promise<string> {
  const { createWalker } = await import("../offline-github/browserless.ts");
  const walker = createWalker(github.url);
  const posted = await fetch(`${github.url}/settings/apps/new?state=${state}`, {
    method: "POST",
    body: new URLSearchParams({ manifest }),
    redirect: "manual",
  });
  await walker.get(posted.headers.get("location") ?? "");
  await walker.press("olga");
  const { url } = await walker.press("Create GitHub App");
  return new URL(url).searchParams.get("code") ?? "";
}
