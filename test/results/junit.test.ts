import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJunitParser } from "../../runner-bootstrap/boxd/results/junit.ts";
import { read } from "./read.ts";

const SAMPLE = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a tool > with signs -->
<testsuites name="all" tests="6" failures="2">
  <testsuite name="cart" file="test/cart.test.js">
    <properties><property name="a" value="x > y"/></properties>
    <testcase classname="cart" name="adds &quot;one&quot; &#x1F600; &unknown;" time="0.1"/>
    <testsuite name="inner">
      <testcase classname="cart" name="removes" line="7">
        <failure message="expected 1 &lt; 0" type="AssertionError"><![CDATA[at test (/w/src/cart.js:12:3) & more]]> tail &amp; end</failure>
        <system-out>noise <![CDATA[<failure/>]]></system-out>
      </testcase>
    </testsuite>
    <testcase name="waits"><skipped/></testcase>
    <testcase name="later" status="notrun"/>
    <testcase name="breaks"><error>
      ReferenceError: x
      second line</error><failure message="never this"/></testcase>
  </testsuite>
  <testsuite name="db"><error message="could not connect"/></testsuite>
</testsuites>
`;

describe("JUnit", () => {
  it("counts cases of nested suites, reads messages, traces, files", () => {
    const said = read(createJunitParser, SAMPLE);
    expect(said).toMatchObject({ passed: 1, skipped: 2, problem: null, notes: [] });
    expect(said.failed).toEqual([
      {
        name: "cart > removes",
        message: "expected 1 < 0",
        trace: "at test (/w/src/cart.js:12:3) & more tail & end",
        file: "test/cart.test.js",
        line: 7,
        scope: "cart",
      },
      {
        name: "breaks",
        message: "ReferenceError: x",
        trace: "\n      ReferenceError: x\n      second line",
        file: "test/cart.test.js",
      },
      { name: "db", message: "could not connect", trace: "" },
    ]);
  });

  it("gives the same whatever the pieces", () => {
    const whole = read(createJunitParser, SAMPLE);
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(SAMPLE)), { maxLength: 40 }), (cuts) => {
        expect(read(createJunitParser, SAMPLE, cuts)).toEqual(whole);
      }),
    );
    const each = [...Buffer.from(SAMPLE).keys()];
    expect(read(createJunitParser, SAMPLE, each)).toEqual(whole);
  });

  it("takes any bytes to an end, the same whatever the pieces", () => {
    const sign = fc.constantFrom(
      ..."<>/!?-[]CDAT&;#\"'= ab".split(""),
      "<testsuite>",
      "</testsuite>",
      "<failure>",
      "]]>",
      "-->",
      "<testcase",
      "\u20ac",
    );
    fc.assert(
      fc.property(
        fc.array(sign, { maxLength: 60 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        (signs, cuts) => {
          const text = `<testsuite>${signs.join("")}`;
          expect(read(createJunitParser, text, cuts)).toEqual(read(createJunitParser, text));
        },
      ),
    );
  });

  it.each([
    [
      "latin1",
      Buffer.from(
        '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="x"><failure message="\u00fc"/></testcase></testsuite>',
        "latin1",
      ),
    ],
    [
      "utf-16",
      Buffer.from(
        '\ufeff<testsuite><testcase name="x"><failure message="\u00fc"/></testcase></testsuite>',
        "utf16le",
      ),
    ],
    [
      "a mark of utf-8",
      '\ufeff<testsuite><testcase name="x"><failure message="\u00fc"/></testcase></testsuite>',
    ],
  ])("reads %s", (_, bytes) => {
    expect(read(createJunitParser, bytes)).toMatchObject({ problem: null, failed: [{ message: "\u00fc" }] });
  });

  it("says it when a suite claims failures that are not there", () => {
    const said = read(createJunitParser, '<testsuite failures="3"><testcase name="a"/></testsuite>');
    expect(said.notes).toEqual(["A suite claims 3 failed tests and holds none."]);
  });
});

const BOMB = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><testsuite name="&lol2;"/>`;

describe("hostile JUnit", () => {
  it.each([
    ["entities", BOMB, /DOCTYPE .* refused/u],
    ["an outer entity", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite/>', /DOCTYPE/u],
    ["a file that ends early", '<testsuite><testcase name="a"/><testcase name="b"', /ends in the middle/u],
    ["wrong ends", "<testsuite><testcase></testsuite></testcase>", /ends nothing/u],
    ["deep nesting", "<testsuite>".repeat(1_000), /nests deeper than 64/u],
    ["two roots", "<testsuite/><testsuite/>", /more than one root/u],
    ["text behind", "<testsuite/>hello", /behind its end/u],
    ["another document", "<html><testcase/></html>", /root element is `html`/u],
    ["no name", "<testsuite>< a></testsuite>", /no name/u],
    ["bad attributes", '<testsuite name=x"/>', /ends in the middle/u],
    ["attributes without quotes", "<testsuite name=x></testsuite>", /attributes/u],
    ["an unknown encoding", '<?xml version="1.0" encoding="nope-8"?><testsuite/>', /unknown encoding/u],
    ["nothing", "", /empty/u],
    ["no XML", "hello", /no XML/u],
  ])("%s", (_, text, problem) => {
    expect(read(createJunitParser, text).problem).toMatch(problem);
  });

  it("counts what came before a fault", () => {
    expect(read(createJunitParser, '<testsuite><testcase name="a"/><oh')).toMatchObject({ passed: 1 });
  });

  it("never looks an entity up", () => {
    const said = read(
      createJunitParser,
      '<testsuite><testcase name="&a; &#0; &#x110000; &#xD800;"><failure/></testcase></testsuite>',
    );
    expect(said.failed[0]?.name).toBe("&a; &#0; &#x110000; \ufffd");
  });

  it("keeps memory bounded: a tag, a text, a million elements", () => {
    const huge = read(createJunitParser, `<testsuite name="${"x".repeat(5 * 1024 * 1024)}"/>`);
    expect(huge.problem).toMatch(/tag of more than/u);
    const text = read(
      createJunitParser,
      `<testsuite><testcase name="a"><failure>${"y".repeat(1_000_000)}</failure></testcase></testsuite>`,
    );
    expect(text.failed[0]?.trace).toHaveLength(16 * 1024);
    const many = read(createJunitParser, `<testsuite>${'<testcase name="a"/>'.repeat(100_000)}</testsuite>`);
    expect(many).toMatchObject({ passed: 100_000, problem: null });
  });
});
