import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSecretValues, RepositoryKeys } from "../../app/settings-repositories.ts";

const dir = mkdtempSync(join(tmpdir(), "crabbox-repositories-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, "key");
writeFileSync(file, "line one\nline two\n\n");
const SHOP = { repository: "acme/shop", id: 5 };

function read(secrets: unknown, env: Readonly<Record<string, string>> = {}) {
  const faults: string[] = [];
  const keys = RepositoryKeys.parse([{ ...SHOP, secrets }]);
  const values = readSecretValues(keys, env, faults);
  return { faults, values };
}

describe("a repository's secrets", () => {
  it("are read from the environment and from files, their names as GitHub compares them", () => {
    const { faults, values } = read(
      { npm_token: { env: "SHOP_NPM" }, KEY: { file } },
      { SHOP_NPM: "hunter22" },
    );
    expect(faults).toEqual([]);
    expect([...(values.get(5) ?? [])]).toEqual([
      ["NPM_TOKEN", "hunter22"],
      ["KEY", "line one\nline two"],
    ]);
    expect(JSON.stringify(values)).not.toContain("hunter22");
  });

  it.each([
    ["that is not set", { A: { env: "NOT_THERE" } }, {}, /secret A of acme\/shop: .*NOT_THERE is not set/u],
    ["that is empty", { A: { env: "X" } }, { X: " " }, /X is empty/u],
    ["that cannot be masked", { A: { env: "X" } }, { X: "abc" }, /less than 4 bytes/u],
    ["that is too long", { A: { env: "X" } }, { X: "x".repeat(50_000) }, /more than 49152 bytes/u],
    [
      "whose file is not there",
      { A: { file: "/nowhere/key" } },
      {},
      /nowhere\/key cannot be read \(ENOENT\)/u,
    ],
  ])("%s refuse the start, by place and never by value", (_name, secrets, env, fault) => {
    const { faults } = read(secrets, env);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join("")).not.toContain("abc");
  });

  it.each([
    ["a value in the file", { A: "hunter22" }],
    ["two places", { A: { env: "X", file: "/x" } }],
    ["no place", { A: {} }],
    ["a path that is none", { A: { file: "key" } }],
    ["GitHub's own names", { GITHUB_TOKEN: { env: "X" } }],
    ["a name that is none", { "A-B": { env: "X" } }],
    ["one name twice", { a: { env: "X" }, A: { env: "Y" } }],
    ["the App's own", { A: { env: "PRIVATE_KEY" } }],
  ])("are refused for %s", (_name, secrets) => {
    expect(RepositoryKeys.safeParse([{ ...SHOP, secrets }]).success).toBe(false);
  });

  it("stand once for each repository, which is named whole and by its id", () => {
    expect(RepositoryKeys.safeParse([SHOP, { ...SHOP, repository: "acme/b" }]).success).toBe(false);
    expect(RepositoryKeys.safeParse([{ repository: "acme/shop" }]).success).toBe(false);
    expect(RepositoryKeys.safeParse([{ ...SHOP, repository: "shop" }]).success).toBe(false);
    expect(RepositoryKeys.parse(undefined)).toEqual([]);
  });
});
