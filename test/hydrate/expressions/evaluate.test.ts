/** What expressions mean: docs.github.com "Evaluate expressions", and actions/languageservices expressions/testdata by idea. */

import { describe, expect, it } from "vitest";

import { evaluate } from "../../../runner-bootstrap/boxd/steps/expressions/evaluate.ts";
import type { Scope } from "../../../runner-bootstrap/boxd/steps/expressions/scope.ts";
import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";

const scope: Scope = {
  contexts: {
    github: {
      ref: "refs/heads/main",
      event_name: "push",
      event: { labels: [{ name: "bug" }, { color: "red" }, { name: "Help" }], number: 7 },
    },
    matrix: { OS: "linux", constructor: "mine", node: 20, empty: "" },
    env: { Path: "/bin", zero: "0" },
    fruits: { a: { n: [1, 2] }, b: { n: [3] }, c: "text" },
  },
};
const value = (expression: string): Yaml => evaluate(expression, scope);

describe("literals and coercion", () => {
  it.each<readonly [string, Yaml]>([
    ["0xff", 255],
    ["0xffffffff", -1],
    ["0o17", 15],
    ["-9.2", -9.2],
    ["-2.99e-2", -0.0299],
    ["'it''s ''open'''", "it's 'open'"],
    ["format('{0}', 0.1)", "0.1"],
    ["format('{0}', 1234567890123456789)", "1.23456789012346E+18"],
    ["format('{0}', 0.00000001)", "1E-08"],
    ["format('{0}|{1}|{2}|{3}', null, true, github, github.event.labels)", "|true|Object|Array"],
    ["null == 0", true],
    ["'' == false", true],
    ["'abc' == 'ABC'", true],
    ["'ß' == 'ss'", false],
    ["' 12 ' == 12", true],
    ["'0x10' == 16", true],
    ["'b' > 'A'", true],
    ["'a' < null", false],
    ["github == github", true],
    ["github <= github", true],
    ["github == fromJSON('{}')", false],
    ["NaN == NaN", false],
    ["!0 && !'' && !null && !!fromJSON('[]')", true],
    ["'' || 'fallback'", "fallback"],
    ["1 && 'last'", "last"],
    ["1 == 1 == true", true],
  ])("%s", (expression, expected) => expect(value(expression)).toEqual(expected));
});

describe("access", () => {
  it.each<readonly [string, Yaml]>([
    ["GitHub.Event_Name", "push"],
    ["matrix.os", "linux"],
    ["matrix['OS']", "linux"],
    ["matrix.constructor", "mine"],
    ["matrix.toString", null],
    ["matrix.__proto__", null],
    ["github.nothing.at.all", null],
    ["github.event.labels[1].color", "red"],
    ["github.event.labels['0'].name", "bug"],
    ["github.event.labels[9]", null],
    ["github.event.labels[-1]", null],
    ["join(github.event.labels.*.name)", "bug,Help"],
    ["contains(github.event.labels.*.name, 'help')", true],
    ["toJSON(fruits.*.n[0])", "[\n  1,\n  3\n]"],
    ["join(fruits.*.n.*, '-')", "1-2-3"],
    ["toJSON(github.ref.*)", "[]"],
    // Environment names keep their case on Linux (actions/runner ExecutionContext.cs, CaseSensitiveDictionaryContextData).
    ["env.Path", "/bin"],
    ["env.PATH", null],
  ])("%s", (expression, expected) => expect(value(expression)).toEqual(expected));
});

describe("functions", () => {
  it.each<readonly [string, Yaml]>([
    ["contains('Hello world', 'LLO')", true],
    ["contains(fromJSON('[1, \"2\"]'), 2)", true],
    ["contains(github, 'ref')", false],
    ["startsWith('Hello world', 'he')", true],
    ["endsWith('Hello world', 'LD')", true],
    ["format('{{Hello {0} {1} {0}!}}', 'Mona', 'the')", "{Hello Mona the Mona!}"],
    ["join('one', ';')", "one"],
    ["join(fromJSON('[]'), ';')", ""],
    ["join(fromJSON('[true,null,1.50]'), github)", "true,,1.5"],
    [
      'toJSON(fromJSON(\'{"a":[],"b":{"c":"\\u2028"}}\'))',
      '{\n  "a": [],\n  "b": {\n    "c": "\\u2028"\n  }\n}',
    ],
    ["fromJSON('[1,\"x\",null]')", [1, "x", null]],
    ["fromJSON('{\"__proto__\":1}').__proto__", 1],
    ["case(github.ref == 'refs/heads/main', 'prod', true, 'dev', 'none')", "prod"],
    ["case(false, 1, 2)", 2],
    // What is not chosen and what has no place is never evaluated (Case.cs, Format.cs).
    ["case(true, 'yes', fromJSON('no'))", "yes"],
    ["format('x', fromJSON('no'))", "x"],
  ])("%s", (expression, expected) => expect(value(expression)).toEqual(expected));

  it("asks the scope for the state of the job and the hash of files", () => {
    const asked: (readonly string[])[] = [];
    const job: Scope = {
      contexts: { github: {} },
      status: { success: () => false, failure: () => true, cancelled: () => false },
      hashFiles: (patterns) => `${asked.push(patterns)}`,
    };
    expect(evaluate("Failure() && ALWAYS() && !success() && !cancelled()", job)).toBe(true);
    expect(evaluate("hashfiles('**/a', 1)", job)).toBe("1");
    expect(asked).toEqual([["**/a", "1"]]);
  });
});
