import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { planOf, run } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

const lines = (...all: string[]): string => `cat <<'EOT'\n${all.join("\n")}\nEOT`;

const annotations = (): object[] => bench.events.filter(({ e }) => e === "annotation");

describe("workflow commands", () => {
  it("make annotations, with their places as far as they fit together", async () => {
    const file = `${bench.host.places.workspace}/src/a.ts`;
    await runJob(
      planOf([
        run(
          lines(
            "::notice title=T%3A x::hello%0Athere %25",
            `  ::warning file=${file},line=1,endLine=2,col=3,endColumn=4::two lines`,
            "::error file=b.ts,line=5,col=2,endColumn=9::one line",
            "::error endLine=7::end alone",
            "::error line=9,endLine=2,col=x::backwards",
            "##[error]old form",
            "text ##[warning]in a line",
            "text ::error::no command",
            "::unknown::no command either",
          ),
        ),
      ]),
      bench.host,
    );
    expect(annotations()).toEqual([
      { e: "annotation", n: 2, level: "notice", message: "hello\nthere %", title: "T: x" },
      {
        e: "annotation",
        n: 2,
        level: "warning",
        message: "two lines",
        path: "src/a.ts",
        line: 1,
        endLine: 2,
      },
      {
        e: "annotation",
        n: 2,
        level: "failure",
        message: "one line",
        path: "b.ts",
        line: 5,
        column: 2,
        endColumn: 9,
      },
      { e: "annotation", n: 2, level: "failure", message: "end alone", line: 7, endLine: 7 },
      { e: "annotation", n: 2, level: "failure", message: "backwards" },
      { e: "annotation", n: 2, level: "failure", message: "old form" },
      { e: "annotation", n: 2, level: "warning", message: "in a line" },
    ]);
    expect(bench.log()).toMatch(
      /Warning: in a line\ntext ::error::no command\n::unknown::no command either\n$/,
    );
  });

  it("mask, each line by itself too, and complain about nothing", async () => {
    await runJob(planOf([run(lines("::add-mask::two%0A lines ", "::add-mask::"))]), bench.host);
    expect(bench.masks).toEqual(expect.arrayContaining(["two\n lines ", "two", "lines"]));
    expect(bench.log()).toContain("add-mask was given nothing");
    expect(bench.log()).not.toContain("two");
  });

  it("group, and a group that is left open ends with its step", async () => {
    await runJob(planOf([run(lines("::group::A", "in", "::endgroup::", "out", "::group::B"))]), bench.host);
    expect(bench.log()).toBe("A\nin\nout\nB\n");
    expect(bench.events.filter(({ e }) => e === "group")).toEqual([
      { e: "group", n: 2, at: "begin", name: "A" },
      { e: "group", n: 2, at: "end", name: "A" },
      { e: "group", n: 2, at: "begin", name: "B" },
      { e: "group", n: 2, at: "end", name: "B" },
    ]);
  });

  it("stop until their word comes again, which cannot be a command", async () => {
    const result = await runJob(
      planOf([
        run(
          lines(
            "::stop-commands::Pause-123",
            "::error::shown",
            "::other::",
            "::pause-123::",
            "::warning::again",
          ),
          {
            id: "a",
          },
        ),
        run(lines("::stop-commands::error", "::warning::still"), { continueOnError: true }),
      ]),
      bench.host,
    );
    expect(bench.log(2)).toBe("::error::shown\n::other::\nWarning: again\n");
    expect(bench.masks).toContain("Pause-123");
    expect(result.steps[2]?.outcome).toBe("failure");
    expect(bench.log(3)).toMatch(/Unable to process command .*\nWarning: still\n$/);
  });

  it("set outputs and state in the old way, but neither environment nor path unless allowed", async () => {
    const result = await runJob(
      planOf([
        run(lines("::set-output name=a::x%0Ay", "::save-state name=s::1"), { id: "one" }),
        run(lines("::set-env name=E::1"), { continueOnError: true }),
        run(lines("::add-path::/p"), { continueOnError: true }),
        run("echo [$E] ${{ toJSON(steps.one.outputs.a) }}"),
        run(lines("::set-env name=E::2", "::add-path::/p"), {
          env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: "true" },
        }),
        run("echo [$E]"),
        run(lines("::set-output::x"), { id: "bad" }),
      ]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual([
      "success",
      "success",
      "failure",
      "failure",
      "success",
      "success",
      "success",
      "failure",
    ]);
    expect(bench.log(2).match(/Warning: The command (?:set-output|save-state) is an old one/g)?.length).toBe(
      2,
    );
    expect(bench.log(5)).toBe("[] x\\ny\n");
    expect(bench.log(7)).toBe("[2]\n");
    expect(result.path).toEqual(["/p"]);
  });

  it("echo themselves on request, and debug text shows in a debugged job alone", async () => {
    const step = run(
      lines("::debug::quiet", "::echo::on", "::set-output name=a::1", "::echo::off", "::echo::maybe"),
    );
    await runJob(planOf([step]), bench.host);
    expect(bench.log()).toMatch(
      /^::set-output name=a::1\nWarning: .*\n::echo::off\nError: Unable to process command '::echo::maybe'/,
    );
    const other = openBench();
    const plan = planOf([run("echo ::debug::loud; echo debug=$RUNNER_DEBUG")]);
    const contexts = { ...plan.contexts, vars: { ACTIONS_STEP_DEBUG: "true" } };
    await runJob({ ...plan, contexts }, other.host);
    expect(other.log()).toContain("Debug: loud\ndebug=1\n");
    other.remove();
  });

  it("keep ten annotations of each kind and all of the text", async () => {
    await runJob(
      planOf([run("for i in $(seq 5000); do echo ::warning::w$i; echo ::error::e$i; done")]),
      bench.host,
    );
    expect(annotations().length).toBe(20);
    expect(bench.log().split("\n").length).toBe(10_001);
  });
});
