import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EXAMPLE, repoConfigMarkdown } from "../../app/repo-config/docs.ts";
import { repoConfigSchema } from "../../app/repo-config/json-schema.ts";
import { readRepoConfig } from "../../app/repo-config/read.ts";

const root = join(import.meta.dirname, "..", "..");
const docs = join(root, "docs");
const dir = mkdtempSync(join(tmpdir(), "crabbox-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the file's documents", () => {
  it("are those of the schema (npx crabbox-app schema --repo-config)", () => {
    expect(readFileSync(join(docs, "crabbox-yml.md"), "utf8")).toBe(repoConfigMarkdown());
    expect(JSON.parse(readFileSync(join(docs, "crabbox-yml.schema.json"), "utf8"))).toEqual(
      repoConfigSchema(),
    );
  });

  it("show an example that is valid, for us and for editors", () => {
    expect(readRepoConfig(EXAMPLE, null)).toMatchObject({ ok: true });
    const validate = new Ajv2020({ strict: false }).compile(repoConfigSchema() as object);
    expect(validate(parse(EXAMPLE)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ comands: {} })).toBe(false);
  });
});

describe("crabbox-app config check", () => {
  function check(text: string, ...flags: readonly string[]) {
    const path = join(dir, "crabbox.yml");
    writeFileSync(path, text);
    const main = join(root, "app", "cli", "main.ts");
    const ended = spawnSync(process.execPath, [main, "config", "check", path, ...flags], {
      encoding: "utf8",
    });
    return {
      code: ended.status,
      out: ended.stdout.replaceAll(path, "FILE"),
      error: ended.stderr.replaceAll(path, "FILE"),
    };
  }

  it("says that a good file is good", () => {
    expect(check(EXAMPLE)).toEqual({ code: 0, out: "FILE is valid.\n", error: "" });
  });

  it("names every fault by file, line and column", () => {
    const { code, error } = check("env: 5\ncolour: red\n");
    expect(code).toBe(1);
    expect(error).toMatch(/^FILE:1:6: env: .*\nFILE:2:1: There is no key `colour`.*\n$/u);
  });

  it("tells tools in JSON", () => {
    const { code, out } = check("auto: 5\n", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      path: "FILE",
      ok: false,
      faults: [{ line: 1, column: 7, key: "auto" }],
    });
  });

  it("also against a server's settings", () => {
    const settings = join(dir, "settings.yml");
    writeFileSync(settings, "accounts: [octo]\nproviders: [{ kind: local }]\nenv: { TZ: UTC }\n");
    expect(check("env: [TZ]\n", "--settings", settings).code).toBe(0);
    expect(check("env: [TX]\n", "--settings", settings).error).toContain("Did you mean `TZ`?");
  });

  it.each([[[]], [["check"]], [["chek", "a"]], [["check", "a", "b"]], [["check", "--colour", "a"]]])(
    "answers wrong words (%j) with how it is used",
    (words) => {
      const main = join(root, "app", "cli", "main.ts");
      const ended = spawnSync(process.execPath, [main, "config", ...words], { encoding: "utf8" });
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain("Usage");
    },
  );
});
