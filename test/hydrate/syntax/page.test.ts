import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SYNTAX, workflowSyntaxMarkdown } from "../../../app/hydrate/syntax/page.ts";
import { KINDS, published } from "./published.ts";

const ROOT = join(import.meta.dirname, "../../..");
const ROWS = Object.values(SYNTAX).flatMap(({ rows }) => rows);

describe("docs/workflow-syntax.md", () => {
  test.each(KINDS)("has one row for each of GitHub's %s and no other", (kind) => {
    const keys = (SYNTAX[kind]?.rows ?? []).map(({ key }) => key);
    expect(keys.toSorted()).toEqual(
      published(kind)
        .map(({ key }) => key)
        .toSorted(),
    );
  });

  test("knows every kind of name that is published", () => {
    expect(Object.keys(SYNTAX).toSorted()).toEqual([...KINDS].toSorted());
  });

  test("names a test that is there for all that works, and says how or why of the rest", () => {
    const unheld = ROWS.filter(({ state, test: file }) => state !== "no" && file === null);
    expect(unheld).toEqual([]);
    const files = new Set(ROWS.flatMap(({ test: file }) => file ?? []));
    expect(
      [...files].filter((file) => !/^test\/.*\.test\.ts$/u.test(file) || !existsSync(join(ROOT, file))),
    ).toEqual([]);
    expect(ROWS.filter(({ state, note }) => state !== "works" && note === "")).toEqual([]);
    expect(ROWS.filter(({ note }) => /[|\n]/u.test(note))).toEqual([]);
  });

  test("names tests that speak of what they hold", () => {
    const silent = ROWS.filter(({ key, test: file }) => {
      // Those here go through GitHub's list; shells are named by their whole setting.
      if (file === null || file.startsWith("test/hydrate/syntax/") || /^\(none\)$|\{0\}/u.test(key))
        return false;
      const text = readFileSync(join(ROOT, file), "utf8");
      const word = wordOf(key);
      return !text.includes(word) && !text.includes(camel(word));
    });
    expect(silent.map(({ key, test: file }) => `${key}: ${file}`)).toEqual([]);
  });

  test("is the table (npx crabbox-app schema --workflow-syntax > docs/workflow-syntax.md)", () => {
    const page = readFileSync(join(ROOT, "docs/workflow-syntax.md"), "utf8");
    expect(page).toBe(workflowSyntaxMarkdown());
    const cli = [join(ROOT, "app/cli/main.ts"), "schema", "--workflow-syntax"];
    expect(execFileSync(process.execPath, cli, { encoding: "utf8" })).toBe(page);
  });
});

/** The last part of a key that is GitHub's own. */
function wordOf(key: string): string {
  const own = key.split(".").filter((part) => !part.startsWith("<"));
  return (own.at(-1) ?? "").replace("[*]", "");
}

function camel(word: string): string {
  return word.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());
}
