import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { settingsMarkdown } from "../../app/settings-docs.ts";
import { settingsSchema } from "../../app/settings-schema.ts";
import { loadFileSettings, loadSettings } from "../../app/settings.ts";

const dir = mkdtempSync(join(tmpdir(), "crabbox-settings-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const docs = join(import.meta.dirname, "..", "..", "docs");
const SECRET = "0123456789abcdef0123456789abcdef";
const PEM = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs1",
  format: "pem",
}) as string;
const GOOD = "accounts: [acme]\nproviders: [{ kind: local }]\n";

function load(text: string, env: Readonly<Record<string, string>> = {}) {
  const config = join(dir, "settings.yml");
  writeFileSync(config, text);
  return loadSettings({
    APP_ID: "1",
    PRIVATE_KEY: PEM,
    WEBHOOK_SECRET: SECRET,
    CRABBOX_CONFIG: config,
    ...env,
  });
}

describe("settings", () => {
  it("need little, and fill in the rest", () => {
    expect(load(GOOD)).toMatchObject({
      appId: 1,
      defaults: { provider: "local", class: "standard", timeout: 1_800_000, idle: 600_000 },
      providers: [{ kind: "local", name: "local", unsafe: false }],
    });
  });

  it.each([
    ["an unknown key", `${GOOD}colour: red\n`, {}, /colour/u],
    [
      "a wrong value, with what was found",
      `${GOOD}defaults: { timeout: soon }\n`,
      {},
      /defaults\.timeout.*30m.*found "soon"/u,
    ],
    ["no accounts", "providers: []\n", {}, /accounts/u],
    [
      "another port of the pages' name for what boxes made",
      `${GOOD}publicUrl: https://crabbox.test\ncontent: { url: "https://crabbox.test:8443" }\n`,
      {},
      /content\.url.*another host name/u,
    ],
    ["broken YAML, with its place", "accounts: [acme\nb: c\n", {}, /settings\.yml:\d+:\d+/u],
    ["an alias bomb", "a: &a [x]\naccounts: *a\nproviders: []\n", {}, /alias/iu],
    ["a weak secret", GOOD, { WEBHOOK_SECRET: "development" }, /WEBHOOK_SECRET.*openssl/u],
    ["no key", GOOD, { PRIVATE_KEY: "" }, /PRIVATE_KEY/u],
    [
      "an unreadable key file",
      GOOD,
      { PRIVATE_KEY: "", PRIVATE_KEY_PATH: "/nowhere/key.pem" },
      /nowhere.*ENOENT/u,
    ],
    ["a damaged key", GOOD, { PRIVATE_KEY: PEM.replace(/[A-Za-z]{9}/u, "") }, /PRIVATE_KEY.*damaged/u],
    ["an App id that is none", GOOD, { APP_ID: "abc" }, /APP_ID/u],
    ["a missing key, told as missing", "accounts: [acme]\n", {}, /providers: missing; array/u],
    [
      "a secret that the server does not have",
      `${GOOD}repositories: [{ repository: acme/shop, id: 5, secrets: { A: { env: NOT_SET } } }]\n`,
      {},
      /secret A of acme\/shop: .*NOT_SET is not set/u,
    ],
    ["a missing file", GOOD, { CRABBOX_CONFIG: "/nowhere/x.yml" }, /nowhere\/x\.yml.*CRABBOX_CONFIG/u],
  ])("refuse %s", (_name, text, env, message) => {
    expect(() => load(text, env)).toThrow(message);
  });

  it("need no secret for the file's part", () => {
    load(GOOD);
    expect(loadFileSettings({ CRABBOX_CONFIG: join(dir, "settings.yml") }).accounts).toEqual(["acme"]);
  });

  it("report every fault at once, and never a secret's value", () => {
    const attempt = () =>
      load("accounts: []\nlimits: { workers: 0 }\nproviders: []\n", {
        WEBHOOK_SECRET: "hunter2",
        APP_ID: "",
      });
    expect(attempt).toThrow(/APP_ID[\s\S]*WEBHOOK_SECRET[\s\S]*accounts[\s\S]*workers/u);
    expect(attempt).not.toThrow(/hunter2/u);
  });
});

describe("the settings' documents", () => {
  it("say of every key what it means", () => {
    const rows = settingsMarkdown().split("\n");
    expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
  });

  it("are those of the schema (npx crabbox-app schema)", () => {
    expect(readFileSync(join(docs, "configure.md"), "utf8")).toBe(settingsMarkdown());
    expect(JSON.parse(readFileSync(join(docs, "crabbox-app.schema.json"), "utf8"))).toEqual(settingsSchema());
  });
});
