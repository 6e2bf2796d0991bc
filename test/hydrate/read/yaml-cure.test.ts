import { expect, test } from "vitest";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

const STEPS = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n";

/** Steps, then the line and column of the fault, and what is said to do. */
const CASES: readonly (readonly [string, string, number, number, RegExp])[] = [
  ["a colon in a name", "      - name: Build: all", 6, 15, /holds `: ` needs quotes/u],
  ["a colon in a script", '      - run: echo "a: $b" ${{ github.sha }}', 6, 14, /holds `: ` needs quotes/u],
  ["a key too far right", "      - run: a\n          name: b", 6, 14, /same column/u],
  ["a key too far left", "      - run: a\n       name: b", 7, 1, /same column/u],
  ["no space behind a colon", "      - run: a\n        name:b\n        id: c", 7, 9, /space belongs/u],
  ["a tab", "\t- run: a", 6, 1, /spaces/u],
  ["a reserved character", "      - run: @a", 6, 14, /in quotes/u],
  ["a quote within quotes", "      - run: 'it's'", 6, 18, /begins with a quote ends/u],
  ["text behind a quote", '      - run: "$A" && b', 6, 19, /begins with a quote ends/u],
  ["a quote that is not closed", '      - run: "a', 6, 16, /not closed/u],
  ["a backslash", '      - run: "grep \\d"', 6, 20, /written twice/u],
  ["an expression in braces", "      - { run: ${{ a }} }", 6, 17, /`\$\{\{ \}\}` inside/u],
  ["an expression in a list", "      - { run: a, with: [${{ a }}] }", 6, 27, /`\$\{\{ \}\}` inside/u],
];

test.each(CASES)("%s", (_what, steps, line, column, words) => {
  const read = readWorkflow(".github/workflows/ci.yml", STEPS + steps);
  const [fault] = "faults" in read ? read.faults : [];
  expect(fault?.message).toMatch(/not valid YAML/u);
  expect([fault?.line, fault?.column, fault?.hint]).toEqual([line, column, expect.stringMatching(words)]);
});
