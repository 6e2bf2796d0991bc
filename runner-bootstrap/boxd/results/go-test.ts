/** What `go test -json` prints: one JSON object a line. Other lines between them are left alone. */

import type { BoundedText, ResultParser, ResultSink } from "./result-sink.ts";
import { ResultError, createBoundedText } from "./result-sink.ts";
import { createTextLines } from "./text-lines.ts";

type GoEvent = {
  readonly Action: string;
  readonly Package?: unknown;
  readonly ImportPath?: unknown;
  readonly Test?: unknown;
  readonly Output?: unknown;
};

/** Tests and packages whose output is held at once; older ones lose theirs. Ours. */
const OPEN_MAX = 2_000;
/** Parents remembered; beyond it some may count beside their subtests. */
const PARENTS_MAX = 20_000;
const NAME_MAX = 500;
/** go test's own lines around what a test says. */
const FRAME = /^(?:=== |\s*--- |FAIL\b|ok\s|PASS\b|exit status )/u;

/** A parser of one stream. Tests are counted where they are leaves; a package that fails without a failed test counts as one. */
export function createGoTestParser(sink: ResultSink): ResultParser {
  const outputs = new Map<string, BoundedText>();
  /** Parent tests and packages, with whether something within them failed. */
  const parents = new Map<string, boolean>();
  let events = 0;

  const add = (key: string, text: string): void => {
    let output = outputs.get(key);
    if (output === undefined) {
      const [oldest] = outputs.keys();
      if (outputs.size >= OPEN_MAX && oldest !== undefined) outputs.delete(oldest);
      output = createBoundedText();
      outputs.set(key, output);
    }
    output.add(text);
  };
  const mark = (key: string, hasFailed: boolean): void => {
    if (parents.size < PARENTS_MAX || parents.has(key))
      parents.set(key, hasFailed || parents.get(key) === true);
  };
  const fail = (name: string, key: string, scope: string): void => {
    const trace = outputs.get(key)?.text ?? "";
    const words = trace
      .split("\n")
      .filter((line) => line.trim() !== "" && !FRAME.test(line))
      .map((line) => line.trim());
    sink.failed({ name, message: words.join("\n"), trace, scope });
  };
  const ended = (action: string, scope: string, test: string): void => {
    const key = `${scope}\n${test}`;
    const isBad = action === "fail";
    mark(scope, isBad);
    // A subtest's own name may hold slashes: all that may be above it is.
    for (let at = test.indexOf("/"); at !== -1; at = test.indexOf("/", at + 1))
      mark(`${scope}\n${test.slice(0, at)}`, isBad);
    const child = parents.get(key);
    if (child === undefined || (isBad && !child)) {
      if (isBad) fail(`${scope} > ${test}`, key, scope);
      else if (action === "skip") sink.skipped();
      else sink.passed();
    }
    outputs.delete(key);
  };
  const told = (event: GoEvent): void => {
    const scope = nameOf(event.Package) || nameOf(event.ImportPath).split(" ")[0] || "";
    const test = nameOf(event.Test);
    switch (event.Action) {
      case "output":
      case "build-output":
        add(test === "" ? scope : `${scope}\n${test}`, typeof event.Output === "string" ? event.Output : "");
        break;
      case "pass":
      case "fail":
      case "skip":
        if (test !== "") ended(event.Action, scope, test);
        else {
          // Of a package without tests, `skip` says nothing.
          if (event.Action === "fail" && parents.get(scope) !== true) fail(scope, scope, scope);
          outputs.delete(scope);
        }
        break;
      default:
        return;
    }
    events += 1;
  };
  const lines = createTextLines((line) => {
    const event = line.startsWith("{") ? parse(line) : undefined;
    if (event !== undefined) told(event);
  });
  return {
    push: (bytes) => lines.push(bytes),
    end() {
      lines.end();
      if (events === 0) throw new ResultError("has no events of `go test -json`", true);
    },
  };
}

function parse(line: string): GoEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isEvent = typeof value === "object" && value !== null && "Action" in value;
    return isEvent && typeof value.Action === "string" ? (value as GoEvent) : undefined;
  } catch {
    return undefined; // A program under test may print braces, too.
  }
}

function nameOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, NAME_MAX) : "";
}
