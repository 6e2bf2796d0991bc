import { describe, expect, it } from "vitest";

import { condition } from "../../../runner-bootstrap/boxd/steps/expressions/condition.ts";
import { fill, fillValue } from "../../../runner-bootstrap/boxd/steps/expressions/fill.ts";
import type { Scope } from "../../../runner-bootstrap/boxd/steps/expressions/scope.ts";

const contexts = {
  github: { ref: "main", title: "${{ github.ref }}", list: [1, "a"] },
  inputs: { debug: false },
};
const inJob = (state: "success" | "failure" | "cancelled"): Scope => ({
  contexts,
  status: {
    success: () => state === "success",
    failure: () => state === "failure",
    cancelled: () => state === "cancelled",
  },
});

describe("fill", () => {
  it.each([
    ["no expression }} {0} 'x'", "no expression }} {0} 'x'"],
    ["a ${{ github.ref }}-${{ inputs.debug }}\n${{ github.none }}.", "a main-false\n."],
    ["{0} '${{ '}}' }}'", "{0} '}}'"],
    ["${{ github.list }}!", "Array!"],
    ["${{ github }}!", "Object!"],
    ["${{ 1.50 }}", "1.5"],
    // What a value brings along is text and is not evaluated again.
    ["${{ github.title }}", "${{ github.ref }}"],
    ["${{ github.title }} ", "${{ github.ref }} "],
  ])("%s", (template, expected) => expect(fill(template, { contexts })).toBe(expected));

  it("refuses a collection where the whole text is one expression, as the official runner does", () => {
    expect(() => fill("${{ github.list }}", { contexts })).toThrow("an array stands where text is wanted");
  });

  it("says where in the text the fault is", () => {
    const fault = { name: "ExpressionError", line: 2, column: 6 };
    const run = (): unknown => fill("one\n ${{ githb.ref }}", { contexts });
    expect(run).toThrow(expect.objectContaining(fault));
  });
});

describe("fillValue", () => {
  it("keeps the type of what is one expression and nothing else", () => {
    const value = {
      a: "${{ github.list }}",
      b: ["x${{ 1 }}", 2, null, true],
      "${{ github.ref }}": "${{ inputs.debug }}",
    };
    expect(fillValue(value, { contexts })).toEqual({ a: [1, "a"], b: ["x1", 2, null, true], main: false });
  });

  it("puts the entries of an inserted map in its place, and takes any key", () => {
    const value = { a: 1, "${{ insert }}": '${{ fromJSON(\'{"b":2,"__proto__":3}\') }}' };
    const filled = fillValue(value, { contexts });
    expect(JSON.stringify(filled)).toBe('{"a":1,"b":2,"__proto__":3}');
    expect(() => fillValue({ "${{ insert }}": "${{ 1 }}" }, { contexts })).toThrow("takes a map");
  });
});

/** Truth of the status functions: actions/runner Test/L0/Worker/Expressions/ConditionFunctionsL0.cs. */
describe("condition", () => {
  it.each([
    [undefined, true, false, false],
    ["  ", true, false, false],
    ["always()", true, true, true],
    ["${{ failure() }}", false, true, false],
    ["cancelled() || success()", true, false, true],
    ["!cancelled()", true, true, false],
    ["github.ref == 'main'", true, false, false],
    ["${{ github.ref == 'main' }}", true, false, false],
    ["github.ref == 'other'", false, false, false],
    ["contains('failure()', 'x')", false, false, false],
    ["false", false, false, false],
    // Text around it makes it true, but success() still stands before it.
    ["${{ false }} ", true, false, false],
    ["!${{ true }}", true, false, false],
    ["x${{ failure() }}", true, true, true],
    // A lone string is read as the condition itself (TemplateReader.cs, IsExpressionString).
    ["${{ 'false' }}", false, false, false],
    ["${{ 'always()' }}", true, true, true],
    ["'false'", true, false, false],
  ])("%s", (text, onSuccess, onFailure, onCancelled) => {
    const held = (["success", "failure", "cancelled"] as const).map((state) => condition(text, inJob(state)));
    expect(held).toEqual([onSuccess, onFailure, onCancelled]);
  });

  it("does not evaluate what stands behind success() after a failure", () => {
    expect(condition("fromJSON('no')", inJob("failure"))).toBe(false);
    expect(() => condition("fromJSON('no')", inJob("success"))).toThrow("no JSON");
  });
});
