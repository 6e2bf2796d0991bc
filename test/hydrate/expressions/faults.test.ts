import { describe, expect, it } from "vitest";

import { check } from "../../../runner-bootstrap/boxd/steps/expressions/check.ts";
import { evaluate } from "../../../runner-bootstrap/boxd/steps/expressions/evaluate.ts";
import { ExpressionError } from "../../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";

const template = { contexts: ["github", "matrix"], functions: ["hashFiles"], isCondition: false };
const ifStep = { ...template, functions: ["success", "failure(0,MAX)", "hashFiles"], isCondition: true };

describe("check", () => {
  it.each([
    ["plain text with }} and $ {{", template],
    ["${{ '}}' }} and ${{ '${{' }}", template],
    ["${{ insert }}", template],
    ["", ifStep],
    ["github.ref == 'x' && failure('job')", ifStep],
    ["${{ hashFiles('a', 'b') != '' }}", ifStep],
  ] as const)("takes %s", (text, allowed) => expect(check(text, allowed)).toEqual([]));

  it.each([
    ["${{ githb.ref }}", 5, "unknown context 'githb', did you mean 'github'? Allowed here: github, matrix"],
    ["${{ toJson(secrets) }}", 12, "no 'secrets' at this place: hand the value over in env"],
    ["${{ Env.a }}", 5, "GitHub gives no 'Env' at this place. Allowed here: github, matrix"],
    ["${{ contins('a', 'b') }}", 5, "unknown function 'contins', did you mean 'contains'?"],
    ["${{ constructor(1) }}", 5, "unknown function 'constructor'."],
    ["${{ success() }}", 5, "unknown function 'success'."],
    ["${{ contains('a') }}", 5, "contains has 1 argument and takes 2"],
    ["${{ join() }}", 5, "join has 0 arguments and takes 1 or 2"],
    ["${{ case(true, 1, false, 2) }}", 5, "case has 4 arguments and takes an odd number"],
    ["a ${{ github.ref", 3, "${{ is not closed with }}"],
    ["${{ 'a }}", 1, "${{ is not closed with }}; a quote in it is not closed"],
    ["${{ }}", 5, "the expression is empty"],
    ['${{ github.ref == "x" }}', 19, "text stands in single quotes"],
    ["${{ contains('a', 'b',) }}", 23, "something unexpected: ')'"],
    ["${{ github. }}", 12, "the expression ends too early"],
    ["${{ 1 + 1 }}", 7, "something unexpected: '+'; expressions do no arithmetic"],
    ["${{ github.a - 1 }}", 14, "expressions do no arithmetic"],
    ["${{ github.a = 'b' }}", 14, "write == for equal"],
    ["${{ github.a & github.b }}", 14, "write && and ||"],
    ["${{ github.a ? 1 : 2 }}", 14, "write case(condition, value, other value)"],
    ["${{ 0b1 }}", 5, "something unexpected: '0b1'"],
  ] as const)("refuses %s", (text, column, message) => {
    const [fault] = check(text, template);
    expect(fault).toMatchObject({ level: "error", line: 1, column });
    expect(fault?.message).toContain(message);
  });

  it("finds all unknown names at once, with line and column in the whole text", () => {
    const faults = check("one\n  ${{ nope\n + 1 }}", template);
    expect(faults.map(({ line, column }) => [line, column])).toEqual([[3, 2]]);
    const names = check("one\n  ${{ nope ||\n  gone.x }} ${{ matrix.a || fail() }}", template);
    expect(names.map(({ line, column }) => [line, column])).toEqual([
      [2, 7],
      [3, 3],
      [3, 29],
    ]);
  });

  it("warns of a condition that is always true", () => {
    const faults = check("!${{ github.ref == 'x' }} ${{ no.x }}", ifStep);
    expect(faults.map(({ level }) => level)).toEqual(["warning", "error"]);
    expect(faults[0]?.message).toContain("always true");
  });
});

describe("faults while evaluating", () => {
  it.each([
    ["fromJSON('')", "empty"],
    ["fromJSON('{''a'': 1}')", "double quotes"],
    ["fromJSON('[1,]')", "comma"],
    ["fromJSON('hello')", "double quotes"],
    ["format('{0} {1}', 1)", "{1} has no argument"],
    ["format('{x}', 1)", "a single {"],
    ["case('yes', 1, 2)", "not true or false"],
    ["github.a", "no 'github' at this place"],
  ])("%s", (expression, message) => {
    const run = (): unknown => evaluate(expression, { contexts: {} });
    expect(run).toThrow(ExpressionError);
    expect(run).toThrow(message);
  });

  it("does not show the text that is no JSON: it may be a secret", () => {
    const run = (): unknown =>
      evaluate("1 && fromJSON(secrets.key)", { contexts: { secrets: { key: "hunter2" } } });
    expect(run).toThrow(/this text of 7 characters is no JSON/);
    expect(run).not.toThrow(/hunter2/);
  });

  it("gives a failing hashFiles its place", () => {
    const hashFiles = (): string => {
      throw new Error("hashFiles: too slow");
    };
    expect(evaluate("'x' || hashFiles('a')", { contexts: {}, hashFiles })).toBe("x");
    const fault = { name: "ExpressionError", column: 7, message: expect.stringContaining("too slow") };
    const run = (): unknown => evaluate("'' || hashFiles('a')", { contexts: {}, hashFiles });
    expect(run).toThrow(expect.objectContaining(fault));
  });
});
