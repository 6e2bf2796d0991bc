/** JUnit's XML, in all the dialects that are about: suites in suites, cases with failures, errors, skips. */

import type { BoundedText, ResultParser, ResultSink } from "./result-sink.ts";
import { ResultError, createBoundedText, firstWords } from "./result-sink.ts";
import { decodeEntities } from "./xml-entities.ts";
import { createXmlReader } from "./xml.ts";

/** As many digits as places in texts may have; what is beyond is no line. */
const LINE_MAX = 9_999_999;

type Decoder = InstanceType<typeof TextDecoder>;
type Attributes = ReadonlyMap<string, string>;

type Suite = {
  /** As it is written: entities not decoded. */
  readonly name: string | undefined;
  readonly file: string | undefined;
  /** Failures and errors it claims to have; undefined when it does not say. */
  readonly claimed: number | undefined;
  failed: number;
};

type Case = {
  readonly attributes: Attributes;
  isSkipped: boolean;
  fault: { readonly message: string; readonly trace: BoundedText } | undefined;
};

/** Attributes longer than this are cut when they are kept. */
const VALUE_MAX = 4_000;
/** Long enough for a declaration with its encoding. */
const PROLOG_BYTES = 128;
const FAULTS: ReadonlySet<string> = new Set(["failure", "error"]);
/** googletest's words for a test that did not run. */
const NOT_RUN: ReadonlySet<string> = new Set(["notrun", "disabled", "skipped"]);

/** A parser of one file. Its root must be `testsuites` or `testsuite`; else the error says it is something else. */
export function createJunitParser(sink: ResultSink): ResultParser {
  const suites: Suite[] = [];
  let depth = 0;
  let test: Case | undefined;
  let testDepth = 0;
  let trace: BoundedText | undefined;
  let traceDepth = 0;
  let outside: Case["fault"];

  const report = (attributes: Attributes, fault: NonNullable<Case["fault"]>): void => {
    for (const suite of suites) suite.failed += 1;
    const name = valueOf(attributes, "name") ?? "(without a name)";
    const scope = valueOf(attributes, "classname") ?? "";
    const line = Number(attributes.get("line") ?? Number.NaN);
    const path = valueOf(attributes, "file") ?? suites.findLast((suite) => suite.file !== undefined)?.file;
    sink.failed({
      name: scope === "" || name.startsWith(scope) ? name : `${scope} > ${name}`,
      message: fault.message === "" ? firstWords(fault.trace.text) : fault.message,
      trace: fault.trace.text,
      ...(path === undefined ? {} : { file: path }),
      ...(Number.isSafeInteger(line) && line > 0 && line <= LINE_MAX ? { line } : {}),
      ...(scope === "" ? {} : { scope }),
    });
  };
  const begin = (name: string, attributes: Attributes): void => {
    if (name === "testsuite" || name === "testsuites") suites.push(suiteOf(attributes));
    else if (name === "testcase" && test === undefined) {
      test = caseOf(attributes);
      testDepth = depth;
    } else if (name === "skipped" && test !== undefined && depth === testDepth + 1) test.isSkipped = true;
    else if (FAULTS.has(name) && trace === undefined && (test === undefined || depth === testDepth + 1)) {
      trace = createBoundedText();
      traceDepth = depth;
      const message = valueOf(attributes, "message")?.trim() ?? "";
      const fault = { message: message === "" ? (valueOf(attributes, "type") ?? "") : message, trace };
      // A suite that fails outside of its tests: in what prepares them.
      if (test === undefined) outside = fault;
      else test.fault ??= fault;
    }
  };

  const xml = createXmlReader({
    open(name, attributes) {
      if (depth === 0 && name !== "testsuite" && name !== "testsuites")
        throw new ResultError(`is no JUnit: its root element is \`${name.slice(0, 80)}\``, true);
      depth += 1;
      if (isRead(name)) begin(name, attributes());
    },
    close(name) {
      if (trace !== undefined && depth === traceDepth) {
        trace = undefined;
        const suite = suites.at(-1);
        if (outside !== undefined && suite !== undefined)
          report(new Map([["name", suite.name ?? "(a suite)"]]), outside);
        outside = undefined;
      }
      if (name === "testcase" && test !== undefined && depth === testDepth) {
        if (test.fault !== undefined) report(test.attributes, test.fault);
        else if (test.isSkipped) sink.skipped();
        else sink.passed();
        test = undefined;
      } else if (name === "testsuite" || name === "testsuites") endSuite(suites.pop(), sink);
      depth -= 1;
    },
    wantsText: () => trace !== undefined,
    text: (piece) => trace?.add(piece),
  });
  return withDecoder(xml);
}

function isRead(name: string): boolean {
  return (
    name === "testcase" ||
    name === "testsuite" ||
    name === "testsuites" ||
    name === "skipped" ||
    FAULTS.has(name)
  );
}

function suiteOf(attributes: Attributes): Suite {
  const counts = [attributes.get("failures"), attributes.get("errors")].filter((one) => one !== undefined);
  const claimed = counts.reduce((sum, one) => sum + (Number.parseInt(one, 10) || 0), 0);
  return {
    name: attributes.get("name"),
    file: valueOf(attributes, "file"),
    claimed: counts.length === 0 ? undefined : claimed,
    failed: 0,
  };
}

function endSuite(suite: Suite | undefined, sink: ResultSink): void {
  // Some count tests, some failures: only a plain contradiction is one.
  if (suite?.claimed === undefined || suite.claimed === 0 || suite.failed > 0) return;
  sink.note(`A suite claims ${suite.claimed} failed tests and holds none.`);
}

function caseOf(attributes: Attributes): Case {
  return {
    attributes,
    isSkipped: NOT_RUN.has(attributes.get("status") ?? "") || NOT_RUN.has(attributes.get("result") ?? ""),
    fault: undefined,
  };
}

/** Undefined also when it is empty. Cut before it is decoded: an attribute may be as long as a tag. */
function valueOf(attributes: Attributes, name: string): string | undefined {
  return decodeEntities((attributes.get(name) ?? "").slice(0, VALUE_MAX)) || undefined;
}

/** UTF-8 unless a mark of UTF-16 or the declaration says otherwise. */
function withDecoder(xml: { push(text: string): void; end(): void }): ResultParser {
  let head: Buffer | undefined = Buffer.alloc(0);
  let decoder: Decoder | undefined;
  const begin = (): void => {
    if (head === undefined) return;
    decoder = decoderOf(head);
    const text = decoder.decode(head, { stream: true });
    head = undefined;
    xml.push(text);
  };
  return {
    push(bytes) {
      if (head !== undefined) {
        head = Buffer.concat([head, bytes]);
        if (head.length >= PROLOG_BYTES) begin();
      } else xml.push(decoder?.decode(bytes, { stream: true }) ?? "");
    },
    end() {
      begin();
      xml.push(decoder?.decode() ?? "");
      xml.end();
    },
  };
}

function decoderOf(head: Buffer): Decoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder("utf-16le");
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder("utf-16be");
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9._-]{1,40})/u.exec(
    head.toString("latin1", 0, PROLOG_BYTES),
  )?.[1];
  try {
    return new TextDecoder(declared ?? "utf-8");
  } catch {
    throw new ResultError(`is written in an unknown encoding, ${declared ?? ""}`);
  }
}
