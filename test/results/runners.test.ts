import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCollector } from "../../runner-bootstrap/boxd/results/collect.ts";
import type { ResultEvent } from "../../runner-bootstrap/boxd/results/result-events.ts";

const TESTS = `import { describe, it, test } from "node:test";
import assert from "node:assert";
describe("cart", () => {
  it("adds", () => {});
  it("removes <all>", () => {
    assert.strictEqual(1, 2);
  });
  it.todo("later");
});
test("skipped", { skip: "no network" }, () => {});
test("above", async (t) => {
  await t.test("inside", () => {
    throw new Error("broke: 100 %");
  });
});
`;
let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "crabbox-runners-"));
  writeFileSync(join(tree, "begun"), "");
  writeFileSync(join(tree, "cart.test.mjs"), TESTS);
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** Node's own test runner, whose reporters others are measured by. */
async function resultsOf(reporter: "tap" | "junit"): Promise<readonly ResultEvent[]> {
  const to = reporter === "junit" ? ["--test-reporter-destination=junit.xml"] : [];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(
    process.execPath,
    ["--test", `--test-reporter=${reporter}`, ...to, "cart.test.mjs"],
    {
      cwd: tree,
      env,
    },
  );
  const collector = createCollector({
    tree,
    begun: join(tree, "begun"),
    patterns: undefined,
    clean: (text) => text,
  });
  collector.heard?.(stdout);
  return collector.collect(new AbortController().signal);
}

it("reads what Node's test runner prints as TAP, and then what it writes as JUnit", async () => {
  expect(await resultsOf("tap")).toMatchObject([
    { name: "removes <all>", path: "cart.test.mjs", line: 6 },
    { name: "inside", message: "broke: 100 %", path: "cart.test.mjs", line: 13 },
    { from: "output", formats: ["tap"], passed: 1, failed: 2, skipped: 2, notes: [] },
  ]);
  expect(await resultsOf("junit")).toMatchObject([
    { name: expect.stringContaining("removes <all>"), path: "cart.test.mjs", line: 6 },
    { name: expect.stringContaining("inside"), path: "cart.test.mjs" },
    { from: "files", formats: ["junit"], failed: 2, notes: [] },
  ]);
});
