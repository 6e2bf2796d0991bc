import fc from "fast-check";
import { expect, test } from "vitest";
import { cutSteps } from "../../../app/hydrate/choose/cut.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";
import { MAX_FAULTS } from "../../../app/hydrate/read/fault.ts";

const GOOD = `on: { push: { branches: [main] } }
env: { A: "\${{ github.ref }}" }
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [a, b], include: [{ os: a, x: 1 }] } }
    services: { db: { image: x } }
    steps:
      - uses: actions/checkout@v4
        with: &w { a: 1 }
      - { run: npm test, if: "always() && matrix.x == 1", env: *w }
`;
const PIECES = fc.constantFrom(
  "${{",
  "}}",
  "*w",
  "&w",
  "<<:",
  "\n  - ",
  "? ",
  ": ",
  "[",
  "{",
  "!!int ",
  "|\n",
  "---\n",
  "\u0000",
  "__proto__:",
  "on",
  "jobs",
  "steps:",
  "needs: test",
  "\t",
);

const BOMBS: readonly (readonly [string, string])[] = [
  ["a file of 2 MB", `on: push\n# ${"x".repeat(2_000_000)}`],
  ["a file of 1.9 MB of keys", `on: push\nenv:\n${"  A: b\n".repeat(270_000)}`],
  [
    "aliases of aliases",
    `a0: &a0 [x, x]\n${Array.from({ length: 20 }, (_nothing, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`).join("\n")}\n`,
  ],
  ["an alias of itself", "on: push\njobs: &j { a: *j }"],
  ["64 KiB of brackets", "[".repeat(65_536)],
  ["64 KiB of question marks", "? ".repeat(32_768)],
  ["nesting by lines", Array.from({ length: 1_500 }, (_nothing, n) => `${" ".repeat(n)}a:`).join("\n")],
  [
    "an expression nested 1,000 deep",
    GOOD.replace("github.ref", `${"(".repeat(1_000)}1${")".repeat(1_000)}`),
  ],
  ["an expression of 1 MB", GOOD.replace("github.ref", `'${"x".repeat(1_000_000)}' == '`)],
  [
    "10,000 wrong keys",
    `on: push\n${Array.from({ length: 10_000 }, (_nothing, n) => `k${n}: 1`).join("\n")}`,
  ],
];

test.each(BOMBS)("%s is refused with at most fifty faults", (_what, text) => {
  const read = readWorkflow("w.yml", text);
  expect("faults" in read && read.faults.length).toBeGreaterThan(0);
  expect("faults" in read && read.faults.length).toBeLessThanOrEqual(MAX_FAULTS);
});

test("the workflow that is broken below is good", () => {
  expect(readWorkflow("w.yml", GOOD)).toHaveProperty("workflow");
});

test("a workflow broken anywhere never crashes the reader or the cut", () => {
  const broken = fc.array(
    fc.tuple(fc.nat(GOOD.length), fc.nat(12), fc.oneof(PIECES, fc.string({ maxLength: 6 }))),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(broken, (edits) => {
      let text = GOOD;
      for (const [at, length, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + length);
      const read = readWorkflow("w.yml", text);
      if ("faults" in read) {
        expect(read.faults.length).toBeGreaterThan(0);
        for (const { line, column } of read.faults) expect(line > 0 && column > 0).toBe(true);
      } else for (const job of read.workflow.jobs) if (job.kind === "steps") cutSteps(job);
    }),
    { numRuns: 1_500 },
  );
});

test("any text at all never crashes the reader", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(PIECES, fc.string({ unit: "binary", maxLength: 10 })), { maxLength: 30 }),
      (parts) => {
        expect(readWorkflow("w.yml", parts.join(""))).toHaveProperty("faults");
      },
    ),
    { numRuns: 1_000 },
  );
});
