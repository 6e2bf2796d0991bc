import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocator } from "../../runner-bootstrap/boxd/results/locate.ts";
import { placesInText } from "../../runner-bootstrap/boxd/results/places-in-text.ts";

let dir: string;
let tree: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-locate-"));
  tree = join(dir, "tree");
  for (const path of [
    "src/cart.test.js",
    "node_modules/lib/index.js",
    "tests/test_a.py",
    "pkg/cart/cart_test.go",
    "mod/src/test/java/com/acme/CartTest.java",
    "web/spec/x.spec.ts",
    "t/a.t",
    "src/lib.rs",
    "Foo.cs",
  ]) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), "");
  }
  mkdirSync(join(dir, "secret"));
  writeFileSync(join(dir, "secret", "key.pem"), "");
  symlinkSync(join(dir, "secret"), join(tree, "out"));
  symlinkSync(join(dir, "secret", "key.pem"), join(tree, "key.pem"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const place = (trace: string, more: object = {}, from = "") =>
  createLocator(tree)({ name: "x", message: "", trace: trace.replaceAll("TREE", tree), ...more }, from);

describe("a failure's place", () => {
  it.each([
    [
      "node",
      "at lib (TREE/node_modules/lib/index.js:1:2)\n  at Test.<anonymous> (TREE/src/cart.test.js:12:3)",
      "src/cart.test.js",
      12,
    ],
    [
      "node, an address",
      "    at file:///usr/lib/x.js:1:1\n    at file://TREE/src/cart.test.js:8:3",
      "src/cart.test.js",
      8,
    ],
    ["vitest", " ❯ src/cart.test.js:5:17", "src/cart.test.js", 5],
    ["pytest", "tests/test_a.py:9: AssertionError", "tests/test_a.py", 9],
    [
      "python",
      'Traceback:\n  File "/usr/lib/python3/x.py", line 1, in f\n  File "TREE/tests/test_a.py", line 4, in test_it',
      "tests/test_a.py",
      4,
    ],
    ["perl", "Failed test 'x'\nat t/a.t line 3.", "t/a.t", 3],
    ["rust", "thread 'x' panicked at src/lib.rs:7:5:\nassertion failed", "src/lib.rs", 7],
    [".NET", "   at A.B() in TREE/Foo.cs:line 31", "Foo.cs", 31],
    ["msbuild", "Foo.cs(12,5): error CS1002: ; expected", "Foo.cs", 12],
    ["ruby", "# ./src/cart.test.js:3:in `block'", "src/cart.test.js", 3],
  ])("%s", (_, trace, path, line) => {
    expect(place(trace)).toEqual({ path, line });
  });

  it("go: a bare name lies in its package's folder", () => {
    expect(place("    cart_test.go:12: got", { scope: "example.com/shop/pkg/cart" })).toEqual({
      path: "pkg/cart/cart_test.go",
      line: 12,
    });
  });

  it("the JVM: a class has its folder, in the module that has the report", () => {
    const trace = "\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.acme.CartTest.adds(CartTest.java:12)";
    expect(place(trace, { scope: "com.acme.CartTest" }, "mod/target/surefire-reports")).toEqual({
      path: "mod/src/test/java/com/acme/CartTest.java",
      line: 12,
    });
  });

  it("relative to a folder above the report; else the file that it names", () => {
    expect(place("at spec/x.spec.ts:4:1", {}, "web/test-results")).toEqual({
      path: "web/spec/x.spec.ts",
      line: 4,
    });
    expect(place("", { file: "src/lib.rs", line: 3 })).toEqual({ path: "src/lib.rs", line: 3 });
    expect(place("nothing here", { file: "src/lib.rs" })).toEqual({ path: "src/lib.rs" });
  });

  it.each([
    ["outside", "at /etc/passwd.x:1:1 ../secret/key.pem:3 TREE/../secret/key.pem:2"],
    ["through a link", "at out/key.pem:1 and key.pem:1"],
    ["not there", "at src/nothing.js:1:1"],
    ["a folder", "at src/cart.test.js/x.js:1"],
    ["line 0", "src/cart.test.js:0"],
    ["a NUL", "src/cart\0.test.js:3"],
  ])("%s: none", (_, trace) => {
    expect(place(trace)).toBeUndefined();
  });

  it("a hostile text is no work", () => {
    expect(
      placesInText(`${"(".repeat(20_000)}a.b:1\n${"a.b:".repeat(5_000)}\n${"at ".repeat(5_000)}`).length,
    ).toBeLessThanOrEqual(60);
    expect(placesInText(Array.from({ length: 5_000 }, (_, at) => `a.js:${at + 1}`).join("\n"))).toHaveLength(
      60,
    );
  });
});
