import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTapParser } from "../../runner-bootstrap/boxd/results/tap.ts";
import { read } from "./read.ts";

const tap = (...lines: readonly string[]) => read(createTapParser, `${lines.join("\n")}\n`);

/** As node's own test runner prints it. */
const NODE = [
  "TAP version 13",
  "# Subtest: cart",
  "    # Subtest: adds",
  "    ok 1 - adds",
  "      ---",
  "      duration_ms: 0.5",
  "      ...",
  "    # Subtest: removes",
  "    not ok 2 - removes \\# 2",
  "      ---",
  "      duration_ms: 1",
  "      location: '/w/test/cart.test.js:9:3'",
  "      failureType: 'testCodeFailure'",
  "      error: |-",
  "        Expected values to be strictly equal:",
  "        ",
  "        1 !== 2",
  "      stack: |-",
  "        TestContext.<anonymous> (file:///w/test/cart.test.js:10:10)",
  "      ...",
  "    1..2",
  "not ok 1 - cart",
  "  ---",
  "  error: '1 subtest failed'",
  "  ...",
  "# Subtest: later",
  "ok 2 - later # SKIP not now",
  "1..2",
  "# tests 3",
  "# fail 1",
];

describe("TAP", () => {
  it("counts leaves, takes message and trace from the diagnostics", () => {
    const said = tap(...NODE);
    expect(said).toMatchObject({ passed: 1, skipped: 1, notes: [], problem: null });
    expect(said.failed).toHaveLength(1);
    expect(said.failed[0]).toMatchObject({
      name: "removes # 2",
      message: "Expected values to be strictly equal:",
    });
    expect(said.failed[0]?.trace).toContain("cart.test.js:10:10");
  });

  it("reads versions 12 to 14: no version, a plan at the end, marks, comments as diagnostics", () => {
    const said = tap(
      "ok",
      "not ok 2 - broke",
      "#   Failed test 'broke'",
      "#   at t/a.t line 3.",
      "not ok 3 - later # TODO not done",
      "ok 4 # todo and yet",
      "not ok 5 # skip no network",
      "1..5",
      "# Looks like you failed 1 test of 5.",
    );
    expect(said).toMatchObject({ passed: 1, skipped: 3, notes: [], problem: null });
    expect(said.failed).toEqual([
      { name: "broke", message: "Failed test 'broke'", trace: "Failed test 'broke'\nat t/a.t line 3.\n" },
    ]);
    expect(tap("TAP version 14", "1..0 # SKIP nothing here")).toMatchObject({
      passed: 0,
      notes: [],
      problem: null,
    });
  });

  it("a parent that fails though its tests did not counts", () => {
    const said = tap("TAP version 14", "    ok 1 - inner", "    1..1", "not ok 1 - outer", "1..1");
    expect(said).toMatchObject({ passed: 1, failed: [{ name: "outer" }] });
  });

  it("gives the same whatever the pieces", () => {
    const text = NODE.join("\r\n");
    const whole = read(createTapParser, text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 30 }), (cuts) => {
        expect(read(createTapParser, text, cuts)).toEqual(whole);
      }),
    );
    expect(whole.passed).toBe(1);
  });
});

describe("TAP that lies", () => {
  it.each([
    ["fewer tests than planned", ["1..5", "ok 1", "ok 2"], "It planned 5 tests, and 2 came."],
    ["more", ["1..1", "ok 1", "ok 2"], "It planned 1 test, and 2 came."],
    ["in a subtest", ["1..1", "    1..3", "    ok 1", "ok 1"], "A subtest planned 3 tests, and 1 came."],
    ["wrong numbers", ["1..2", "ok 1", "ok 7"], "Test 7 came where test 2 was due."],
    ["no plan", ["TAP version 13", "ok 1"], "It has no plan, so nobody knows whether tests are missing."],
    ["two plans", ["1..1", "ok 1", "1..1"], "It has more than one plan."],
    [
      "a parent that hides",
      ["1..1", "    not ok 1 - x", "    1..1", "ok 1 - y"],
      '"y" says ok, and 1 of its tests failed.',
    ],
    ["bail out", ["1..9", "ok 1", "Bail out! no database"], "It bailed out: no database."],
    [
      "no plan can be so large",
      ["1..999999999999999", "ok 1"],
      "It planned 999999999999999 tests, and 1 came.",
    ],
  ])("%s", (_, lines, note) => {
    expect(tap(...lines).notes).toContain(note);
  });

  it("is bounded: lines without end, diagnostics without end, deep subtests", () => {
    const said = tap(
      "TAP version 13",
      `not ok 1 - ${"n".repeat(1_000_000)}`,
      "  ---",
      ...Array.from({ length: 50_000 }, () => "  more: text"),
      "1..1",
    );
    expect(said.failed).toHaveLength(1);
    expect(said.failed[0]?.trace.length).toBeLessThanOrEqual(16 * 1024);
    const deep = tap("1..1", ...Array.from({ length: 200 }, (_, at) => `${"    ".repeat(at)}ok 1`));
    expect(deep.problem).toBeNull();
  });

  it("what has no plan and no version is no TAP", () => {
    expect(tap("ok  \texample.com/a\t0.1s", "ok, fine").problem).toBe("is no TAP");
  });
});
