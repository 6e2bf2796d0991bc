import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { parseMatchers } from "../../../runner-bootstrap/boxd/steps/engine/matcher.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { planOf, run } from "./plans.ts";

let bench: Bench;

const TSC = {
  owner: "tsc",
  pattern: [
    {
      regexp: "^(\\S+)\\((\\d+),(\\d+)\\): (error|warning) (TS\\d+): (.*)$",
      file: 1,
      line: 2,
      column: 3,
      severity: 4,
      code: 5,
      message: 6,
    },
  ],
};
const STYLISH = {
  owner: "stylish",
  severity: "warning",
  pattern: [
    { regexp: "^([^\\s].*)$", file: 1 },
    { regexp: "^\\s+(\\d+):(\\d+)\\s+(.*)$", line: 1, column: 2, message: 3, loop: true },
  ],
};

beforeEach(() => {
  bench = openBench();
  const { workspace } = bench.host.places;
  mkdirSync(join(workspace, "src"));
  for (const name of ["a.ts", "b.ts"]) writeFileSync(join(workspace, "src", name), "");
  for (const [name, ...matchers] of [
    ["one", TSC],
    ["two", STYLISH],
    ["slow", { owner: "slow", pattern: [{ regexp: "^(a+)+$", message: 0 }] }],
  ] as const)
    writeFileSync(join(workspace, `${name}.json`), JSON.stringify({ problemMatcher: matchers }));
});

afterEach(() => {
  bench.remove();
});

const annotations = (): object[] => bench.events.filter(({ e }) => e === "annotation");

describe("problem matchers", () => {
  it("find problems in later output, colours or not, until they are removed", async () => {
    await runJob(
      planOf([
        run(
          "echo ::add-matcher::one.json; printf '\\033[31msrc/a.ts(3,7): error TS1: bad\\033[0m\\n'; echo fine",
        ),
        run(
          "echo 'src/none.ts(1,1): warning TS2: gone'; echo ::remove-matcher owner=TSC::; echo 'src/a.ts(1,1): error TS3: no'",
        ),
      ]),
      bench.host,
    );
    expect(annotations()).toEqual([
      {
        e: "annotation",
        n: 2,
        level: "failure",
        message: "bad",
        title: "TS1",
        path: "src/a.ts",
        line: 3,
        column: 7,
      },
      { e: "annotation", n: 3, level: "warning", message: "gone", title: "TS2", line: 1, column: 1 },
    ]);
    expect(bench.log()).toBe(
      "Error: src/a.ts(3,7): error TS1: bad\nfine\nWarning: src/none.ts(1,1): warning TS2: gone\nsrc/a.ts(1,1): error TS3: no\n",
    );
  });

  it("go over several lines and loop", async () => {
    await runJob(
      planOf([
        run("echo ::add-matcher::two.json"),
        run("printf 'src/a.ts\\n  1:2  one\\n  3:4  two\\n\\nsrc/b.ts\\n  5:6  three\\nend\\n'"),
      ]),
      bench.host,
    );
    expect(annotations()).toMatchObject([
      { level: "warning", message: "one", path: "src/a.ts", line: 1, column: 2 },
      { level: "warning", message: "two", path: "src/a.ts", line: 3 },
      { level: "warning", message: "three", path: "src/b.ts", line: 5 },
    ]);
  });

  it("find places from a path that stands in the line", async () => {
    const matcher = {
      owner: "from",
      pattern: [{ regexp: "^(\\S+) in (\\S+): (.*)$", file: 1, fromPath: 2, message: 3 }],
    };
    writeFileSync(
      join(bench.host.places.workspace, "from.json"),
      JSON.stringify({ problemMatcher: [matcher] }),
    );
    await runJob(planOf([run("echo ::add-matcher::from.json; echo 'b.ts in src/x.proj: oh'")]), bench.host);
    expect(annotations()).toMatchObject([{ message: "oh", path: "src/b.ts" }]);
  });

  it("are dropped when their expression does not come back, and all text is there", async () => {
    const line = `${"a".repeat(40)}!`;
    const result = await runJob(
      planOf([
        run(
          `echo ::add-matcher::slow.json; echo ::add-matcher::one.json; echo before; echo ${line}; echo after`,
        ),
      ]),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.log()).toContain("The problem matcher 'slow' is out of force");
    expect(bench.log().replace(/Warning: .*\n/, "")).toBe(`before\n${line}\nafter\n`);
  });

  it("that are wrong fail the step and are told", async () => {
    const result = await runJob(
      planOf([run("echo ::add-matcher::none.json"), run("echo ::add-matcher::", { if: "always()" })]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "failure", "success"]);
    expect(bench.log()).toMatch(/there is no file \S*none\.json[^]*add-matcher needs the path/);
  });

  it.each([
    ["no owner", [{ pattern: [{ regexp: "x", message: 0 }] }], /needs an owner/],
    ["an owner twice", [TSC, { ...TSC, owner: "TSC" }], /there twice/],
    ["no message", [{ owner: "a", pattern: [{ regexp: "x", file: 0 }] }], /no pattern that sets 'message'/],
    ["a group that is not there", [{ owner: "a", pattern: [{ regexp: "x", message: 1 }] }], /groups 0 to 0/],
    ["a severity of its own", [{ ...TSC, severity: "fatal" }], /none of error, warning, notice/],
    [
      "a loop that is not the last",
      [{ owner: "a", pattern: [{ regexp: "x", message: 0, loop: true }] }],
      /only the last/,
    ],
    [
      "a field twice",
      [
        {
          owner: "a",
          pattern: [
            { regexp: "x", message: 0 },
            { regexp: "x", message: 0 },
          ],
        },
      ],
      /twice/,
    ],
    [
      "an expression that is none",
      [{ owner: "a", pattern: [{ regexp: "(", message: 0 }] }],
      /Invalid regular expression/,
    ],
  ])("cannot have %s", (_, problemMatcher, said) => {
    expect(() => parseMatchers(JSON.stringify({ problemMatcher }))).toThrow(said);
  });
});
