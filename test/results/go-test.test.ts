import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGoTestParser } from "../../runner-bootstrap/boxd/results/go-test.ts";
import { read } from "./read.ts";

const event = (Action: string, Test?: string, Output?: string, Package = "example.com/shop/cart") =>
  JSON.stringify({ Time: "2026-11-23T10:00:00Z", Action, Package, Test, Output });

const LINES = [
  event("start"),
  event("run", "TestAdds"),
  event("output", "TestAdds", "--- PASS: TestAdds (0.00s)\n"),
  event("pass", "TestAdds"),
  event("run", "TestTable"),
  event("run", "TestTable/a/b"),
  event("output", "TestTable/a/b", "=== RUN   TestTable/a/b\n"),
  event("output", "TestTable/a/b", "    cart_test.go:12: got 1,\n"),
  event("output", "TestTable/a/b", "        want 2\n"),
  event("output", "TestTable/a/b", "    --- FAIL: TestTable/a/b (0.00s)\n"),
  event("fail", "TestTable/a/b"),
  event("pass", "TestTable/c"),
  event("fail", "TestTable"),
  event("skip", "TestLater"),
  "not JSON at all {",
  '{"Action":5}',
  event("output", undefined, "FAIL\n"),
  event("fail"),
  JSON.stringify({
    ImportPath: "example.com/shop/broken",
    Action: "build-output",
    Output: "broken/b.go:3:1: syntax error\n",
  }),
  event("fail", undefined, undefined, "example.com/shop/broken"),
  event("skip", undefined, undefined, "example.com/shop/none"),
];

describe("go test -json", () => {
  it("counts leaves, and a package that fails by itself", () => {
    const said = read(createGoTestParser, LINES.join("\n"));
    expect(said).toMatchObject({ passed: 2, skipped: 1, problem: null });
    expect(said.failed).toEqual([
      {
        name: "example.com/shop/cart > TestTable/a/b",
        message: "cart_test.go:12: got 1,\nwant 2",
        trace:
          "=== RUN   TestTable/a/b\n    cart_test.go:12: got 1,\n        want 2\n    --- FAIL: TestTable/a/b (0.00s)\n",
        scope: "example.com/shop/cart",
      },
      {
        name: "example.com/shop/broken",
        message: "broken/b.go:3:1: syntax error",
        trace: "broken/b.go:3:1: syntax error\n",
        scope: "example.com/shop/broken",
      },
    ]);
  });

  it("gives the same whatever the pieces", () => {
    const text = LINES.join("\n");
    const whole = read(createGoTestParser, text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 30 }), (cuts) => {
        expect(read(createGoTestParser, text, cuts)).toEqual(whole);
      }),
    );
  });

  it("is bounded: output without end, tests that never end, slashes", () => {
    const noisy = Array.from({ length: 3_000 }, (_, at) => event("output", `Test${at}`, "x".repeat(100)));
    const loud = Array.from({ length: 1_000 }, () => event("output", "TestLoud", "y".repeat(1_000)));
    const said = read(
      createGoTestParser,
      [...noisy, ...loud, event("fail", "TestLoud"), event("fail", "/".repeat(5_000))].join("\n"),
    );
    expect(said.failed).toHaveLength(2);
    expect(said.failed[0]?.trace).toHaveLength(16 * 1024);
  });

  it("other JSON is something else", () => {
    expect(read(createGoTestParser, '{"a":1}\n{"Action":"x"}').problem).toMatch(/no events/u);
  });
});
