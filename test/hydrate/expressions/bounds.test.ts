import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { check } from "../../../runner-bootstrap/boxd/steps/expressions/check.ts";
import { condition } from "../../../runner-bootstrap/boxd/steps/expressions/condition.ts";
import { evaluate } from "../../../runner-bootstrap/boxd/steps/expressions/evaluate.ts";
import { ExpressionError } from "../../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import { fill, fillValue } from "../../../runner-bootstrap/boxd/steps/expressions/fill.ts";
import type { Scope } from "../../../runner-bootstrap/boxd/steps/expressions/scope.ts";

const status = { success: () => true, failure: () => false, cancelled: () => false };
const scope: Scope = {
  contexts: { github: { a: "x", list: [1, { b: 2 }], big: "y".repeat(1024 * 1024) }, env: { A: "1" } },
  status,
  hashFiles: (patterns) => patterns.join("|"),
};
const rows = (size: number): string => Array.from({ length: size }, (_, at) => `{${at % 2}}`).join("");

describe("too much", () => {
  it.each([
    ["(".repeat(1000) + "1" + ")".repeat(1000), "nested deeper than 50"],
    ["!".repeat(1000) + "1", "nested deeper than 50"],
    ["github" + ".a".repeat(1000), "nested deeper than 50"],
    ["1" + "==1".repeat(5000), "nested deeper than 50"],
    ["format('{0}',".repeat(60) + "1" + ")".repeat(60), "nested deeper than 50"],
    [`'${"x".repeat(1024 * 1024)}'`, "GitHub allows 21000"],
    [`format('${rows(200)}', github.big, github.big)`, "larger than 10 MB"],
    [`join(fromJSON('[${"1,".repeat(20)}1]'), github.big)`, "larger than 10 MB"],
    ["toJSON(github)" + " && toJSON(github)".repeat(300), "handles more than 256 MB"],
    ["github.big == github.a" + " || github.big == github.a".repeat(500), "handles more than 256 MB"],
    [`fromJSON('${"[".repeat(5000)}${"]".repeat(5000)}')`, "nested deeper than 64"],
  ])("%.30s", (expression, message) => {
    expect(() => evaluate(expression, scope)).toThrow(ExpressionError);
    expect(() => evaluate(expression, scope)).toThrow(message);
  });

  it("counts brackets that change nothing as GitHub's parser does, and many terms as one level", () => {
    expect(evaluate("(".repeat(40) + "7" + ")".repeat(40), scope)).toBe(7);
    expect(evaluate("false || ".repeat(2000) + "7", scope)).toBe(7);
  });

  it("holds text with expressions to the limits of one expression, and plain text to none", () => {
    expect(fill("x".repeat(1024 * 1024), scope)).toHaveLength(1024 * 1024);
    expect(() => fill(`${"x".repeat(21_000)}\${{ 1 }}`, scope)).toThrow("GitHub allows 21000");
    expect(() => fill("${{ 1 }} ".repeat(255), scope)).toThrow("more than 254 expressions");
    expect(check("${{ ".repeat(300_000), { contexts: [], functions: [], isCondition: false })).toHaveLength(
      1,
    );
  });

  it("refuses a value nested too deep", () => {
    const deep = JSON.parse('{"a":'.repeat(5000) + "1" + "}".repeat(5000)) as { readonly a: number };
    expect(() => fillValue(deep, scope)).toThrow(ExpressionError);
    expect(() => evaluate("toJSON(x)", { contexts: { x: deep } })).toThrow("nested deeper than 64");
  });
});

const words = [
  "github",
  "env",
  ".a",
  ".*",
  "['a']",
  "[0]",
  "(",
  ")",
  "'x''y'",
  "'",
  '"',
  "1",
  "-",
  "0x1",
  ".5",
  "&&",
  "||",
];
const more = [
  "!",
  "==",
  "<=",
  ",",
  " ",
  "\n",
  "format('{0}', ",
  "toJSON(",
  "fromJSON('[1]')",
  "case(",
  "always()",
  "${{",
  "}}",
  "é",
  "\0",
];
const piece = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...words, ...more) },
  fc.string({ maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));

describe("any text", () => {
  it("is evaluated or refused with an ExpressionError whose place lies in it", () => {
    const runs = [evaluate, fill, fillValue, condition].map((run) => (one: string) => run(one, scope));
    fc.assert(
      fc.property(text, (one) => {
        for (const run of runs) {
          try {
            run(one);
          } catch (error) {
            if (!(error instanceof ExpressionError)) throw error;
            expect(error.offset).toBeLessThanOrEqual(one.length);
            expect(error.message.length).toBeLessThan(500);
          }
        }
      }),
    );
  });

  it("is refused when it is evaluated if the check found an error", () => {
    const allowed = {
      contexts: ["github", "env"],
      functions: ["success", "failure", "cancelled", "always", "hashFiles"],
    };
    fc.assert(
      fc.property(text, (one) => {
        const errors = check(one, { ...allowed, isCondition: false });
        if (errors.length === 0) return;
        expect(() => fill(one, scope)).toThrow(ExpressionError);
      }),
    );
  });

  it("comes back from toJSON and fromJSON as it was", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const x = JSON.parse(JSON.stringify(value)) as null;
        // Numbers have 15 digits there, so those are left out.
        fc.pre(!/\d\.\d{5}|(?:\d\.?){15}|e-?\d/.test(JSON.stringify(value)));
        expect(evaluate("fromJSON(toJSON(x))", { contexts: { x } })).toEqual(x);
      }),
    );
  });
});
