import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCollector } from "../../runner-bootstrap/boxd/results/collect.ts";
import { enterFolder, isMeantFile, startGlobs } from "../../runner-bootstrap/boxd/results/globs.ts";
import { WELL_KNOWN } from "../../runner-bootstrap/boxd/results/places.ts";
import { until } from "../servers/until.ts";

const JUNIT =
  '<testsuite><testcase name="a"/><testcase name="b"><failure message="broke">at src/a.js:3:1</failure></testcase></testsuite>';

let dir: string;
let tree: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-collect-"));
  tree = join(dir, "tree");
  put("old/junit.xml", JUNIT);
  put("src/a.js", "");
  // The kernel's clock of files moves on by ticks: what was there before is older by one at least.
  await until(() => {
    writeFileSync(join(dir, "execute"), "");
    return ctime(join(dir, "execute")) > ctime(join(tree, "src/a.js")) || undefined;
  }, "the next tick of the clock");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ctime = (path: string) => statSync(path, { bigint: true }).ctimeNs;
const put = (path: string, text: string | Buffer) => {
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  writeFileSync(join(tree, path), text);
};
const clean = (text: string) => text.replaceAll("s3cret", "***");
const never = new AbortController().signal;
const collect = async (patterns?: readonly string[], printed = "") => {
  const collector = createCollector({ tree, begun: join(dir, "execute"), patterns, clean });
  collector.heard?.(Buffer.from(printed));
  return collector.collect(never);
};

describe("collecting", () => {
  it("finds what the command wrote in well-known places, and places the failures", async () => {
    put("web/junit.xml", JUNIT);
    put(
      "target/surefire-reports/TEST-x.xml",
      '<testsuite><testcase name="c"><skipped/></testcase></testsuite>',
    );
    put("node_modules/x/junit.xml", JUNIT);
    put("test-results/other.xml", "<html/>");
    // An old time set by hand does not make it an old file.
    utimesSync(join(tree, "web/junit.xml"), 1, 1);
    expect(await collect()).toEqual([
      { e: "failure", i: 0, name: "b", message: "broke", path: "src/a.js", line: 3 },
      {
        e: "results",
        from: "files",
        formats: ["junit"],
        files: 2,
        passed: 1,
        failed: 1,
        skipped: 1,
        notes: [],
      },
    ]);
  });

  it("nothing new: nothing is told; named and not there: that is told", async () => {
    expect(await collect()).toEqual([]);
    expect(await collect([])).toEqual([]);
    expect(await collect(["none/*.xml"])).toMatchObject([
      { e: "results", files: 0, notes: ["No file matches `results` of crabbox.yml."] },
    ]);
    expect(await collect(["old/*.xml"])).toMatchObject([
      { notes: [expect.stringContaining("were there before the command")] },
    ]);
  });

  it("follows no link, opens no pipe, leaves the tree by no way", async () => {
    mkdirSync(join(dir, "outside"));
    writeFileSync(join(dir, "outside", "junit.xml"), JUNIT);
    symlinkSync(join(dir, "outside"), join(tree, "test-results"));
    symlinkSync(join(dir, "outside", "junit.xml"), join(tree, "junit.xml"));
    mkdirSync(join(tree, "pipe"));
    execFileSync("mkfifo", [join(tree, "pipe", "junit.xml")]);
    expect(await collect()).toEqual([]);
    expect(await collect(["test-results/*.xml", "junit.xml", "pipe/*"])).toMatchObject([{ files: 0 }]);
  });

  it("says what is broken in a file, and counts the rest", async () => {
    put("r/1.xml", `<!DOCTYPE x [<!ENTITY a "b">]>${JUNIT}`);
    put("r/2.xml", JUNIT.slice(0, 60));
    put("r/3.tap", "1..3\nok 1\n");
    put("r/4.txt", "hello");
    const events = await collect(["r/*"]);
    expect(events).toMatchObject([{ files: 3, formats: ["junit", "tap"], passed: 2, failed: 0 }]);
    expect(events[0]).toMatchObject({
      notes: [
        "r/3.tap: It planned 3 tests, and 1 came.",
        "r/1.xml has a DOCTYPE or another declaration, which is refused; what came before counts.",
        "r/2.xml ends in the middle; what came before counts.",
        "r/4.txt is no TAP.",
      ],
    });
  });

  it("50,000 failures are counted, some of each file are told", async () => {
    const failure = (at: number) =>
      `<testcase name="t${at}"><failure message="${"m".repeat(5_000)}">src/a.js:${at + 1}</failure></testcase>`;
    put(
      "junit.xml",
      `<testsuite>${Array.from({ length: 5_000 }, (_, at) => failure(at)).join("")}${'<testcase name="z"><error/></testcase>'.repeat(45_000)}</testsuite>`,
    );
    const events = await collect();
    expect(events.at(-1)).toMatchObject({ failed: 50_000 });
    expect(events).toHaveLength(16);
    expect(Math.max(...events.map((event) => JSON.stringify(event).length))).toBeLessThan(64 * 1024);
  });

  it("takes a command that deletes the work tree", async () => {
    rmSync(tree, { recursive: true });
    const tap = "TAP version 13\nnot ok 1 - b\n# at src/a.js:1\n1..1\n";
    expect(await collect(undefined, tap)).toMatchObject([{ name: "b" }, { from: "output", failed: 1 }]);
  });

  it("masks before it cuts", async () => {
    const text = `${"x".repeat(995)}s3cret and more`;
    put(
      "junit.xml",
      `<testsuite><testcase name="a s3cret"><failure message="${text}"/></testcase></testsuite>`,
    );
    expect((await collect())[0]).toMatchObject({ name: "a ***", message: `${"x".repeat(995)}*** …` });
  });

  it("reads what the command prints, unless it wrote files", async () => {
    const tap = "npm noise\nok, then\nTAP version 13\nok 1 - a\nnot ok 2 - b\n1..2\n";
    expect(await collect(undefined, tap)).toMatchObject([
      { e: "failure", name: "b" },
      { from: "output", formats: ["tap"], passed: 1, failed: 1 },
    ]);
    const go = '{"Time":"x","Action":"pass","Package":"p","Test":"T"}\n';
    expect(await collect(undefined, `building\n${go}ok 1\n`)).toMatchObject([
      { from: "output", formats: ["go"], passed: 1 },
    ]);
    expect(await collect(undefined, "ok 1 is no test\n1.. 2\n")).toEqual([]);
    put("junit.xml", JUNIT);
    linkSync(join(tree, "junit.xml"), join(tree, "junit-2.xml"));
    expect(await collect(undefined, tap)).toMatchObject([
      {},
      {},
      { from: "files", files: 2, passed: 2, failed: 2 },
    ]);
  });
});

it("the well-known places are those of the docs", () => {
  const docs = readFileSync(new URL("../../docs/results.md", import.meta.url), "utf8");
  for (const place of WELL_KNOWN) expect(docs).toContain(`\`${place}\``);
});

describe("patterns", () => {
  const meant = (pattern: string, path: string): boolean => {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    return isMeantFile(
      parts.reduce((state, part) => enterFolder(state, part).state, startGlobs([pattern])),
      name,
    );
  };
  it.each([
    ["a.xml", "a.xml", true],
    ["a.xml", "b/a.xml", false],
    ["**/a.xml", "a.xml", true],
    ["**/a.xml", "b/c/a.xml", true],
    ["**/r/**/*.xml", "x/r/a.xml", true],
    ["**/r/**/*.xml", "x/r/y/z/a.xml", true],
    ["**/r/**/*.xml", "x/a.xml", false],
    ["a*b?.xml", "axxbc.xml", true],
    ["a*b?.xml", "axxb.xml", false],
    ["r/**", "r/a/b", true],
    ["./r/*", "r/a", true],
    ["*/*.xml", "a/b/c.xml", false],
  ])("%s and %s: %s", (pattern, path, is) => {
    expect(meant(pattern, path)).toBe(is);
  });
  it("a hostile pattern is no work", () => {
    expect(meant(`${"*a".repeat(120)}b`, "a".repeat(250))).toBe(false);
    expect(meant(`${"**/".repeat(80)}x`, `${"a/".repeat(15)}y`)).toBe(false);
  });
});
