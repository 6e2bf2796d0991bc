import { readdirSync } from "node:fs";
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

describe("command files", () => {
  it("are new for each step, and gone at the end", async () => {
    const say = run("echo $GITHUB_ENV $GITHUB_OUTPUT $GITHUB_PATH $GITHUB_STATE $GITHUB_STEP_SUMMARY");
    await runJob(planOf([say, say]), bench.host);
    const names = bench.log().trim().split(/\s/);
    expect(new Set(names).size).toBe(10);
    expect(readdirSync(bench.host.places.files)).toEqual([]);
  });

  it("set outputs of several lines, and names in any case", async () => {
    const result = await runJob(
      planOf([
        run('printf "big<<X\\na\\nb\\nX\\nName=1\\nname=2\\n__proto__=p\\n" >> $GITHUB_OUTPUT', { id: "a" }),
        run(
          "printf '%s|%s|%s' '${{ steps.a.outputs.big }}' ${{ steps.a.outputs.NAME }} ${{ toJSON(steps.a.outputs) }}",
        ),
      ]),
      bench.host,
    );
    expect(bench.log()).toMatch(/^a\nb\|2\|/);
    expect({ ...result.steps[1]?.outputs }).toEqual({ big: "a\nb", Name: "2", ["__proto__"]: "p" });
  });

  it("put the last added path first", async () => {
    const result = await runJob(
      planOf([
        run("printf '/one\\r\\n\\n/two\\n' >> $GITHUB_PATH"),
        run("echo /one >> $GITHUB_PATH; echo $PATH", { env: { PATH: "/usr/bin:/bin" } }),
        run("echo $PATH"),
      ]),
      bench.host,
    );
    const [own, next] = bench.log().split("\n");
    expect(own).toBe("/two:/one:/usr/bin:/bin");
    expect(next).toMatch(/^\/one:\/two:/);
    expect(result.path).toEqual(["/one", "/two"]);
  });

  it("do not take what GitHub and the host refuse, but go on", async () => {
    const result = await runJob(
      planOf([
        run("printf 'NODE_OPTIONS=--x\\nLD_PRELOAD=/x\\nA=1\\nCI=false\\n' >> $GITHUB_ENV"),
        run("echo [$NODE_OPTIONS$LD_PRELOAD] $A $CI $GITHUB_ACTIONS"),
      ]),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.log()).toContain("GITHUB_ENV cannot set NODE_OPTIONS");
    expect(bench.log()).toContain("GITHUB_ENV cannot set LD_PRELOAD");
    expect(bench.log()).toContain("[] 1 false true\n");
  });

  it.each([
    ["a NUL", "printf 'A=x\\0y\\n' >> $GITHUB_ENV", /A holds a NUL/],
    [
      "a broken heredoc",
      "printf 'A<<EOF\\nx\\n' >> $GITHUB_ENV",
      /GITHUB_ENV, line 1: the closing delimiter "EOF"/,
    ],
    ["a broken line", "echo nonsense >> $GITHUB_OUTPUT", /GITHUB_OUTPUT, line 1: expected NAME=value/],
    ["a link to elsewhere", "ln -sf /etc/passwd $GITHUB_OUTPUT", /GITHUB_OUTPUT: a link was put in place/],
    ["a pipe", "rm $GITHUB_ENV; mkfifo $GITHUB_ENV", /something else was put in place/],
    ["a directory", "rm $GITHUB_PATH; mkdir $GITHUB_PATH", /GITHUB_PATH: something else was put in place/],
    ["60 MB", "truncate -s 60M $GITHUB_OUTPUT", /62914560 bytes were written, more than the 52428800/],
  ])("fail the step for %s, and say so", async (_, script, said) => {
    const result = await runJob(planOf([run(script)]), bench.host);
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).toMatch(said);
  });

  it("may be removed by the step", async () => {
    expect((await runJob(planOf([run("rm $GITHUB_ENV $GITHUB_OUTPUT")]), bench.host)).conclusion).toBe(
      "success",
    );
  });

  it("tell a program nothing it cannot hold", async () => {
    const result = await runJob(
      planOf([
        run("printf 'A=%140000s\\n' x >> $GITHUB_ENV"),
        run("true", { continueOnError: true }),
        run("true", { env: { A: "", "B=C": "x" } }),
      ]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "success", "failure", "failure"]);
    expect(bench.log()).toContain("A has 140000 bytes; Linux gives a program at most 131072");
    expect(bench.log()).toContain('"B=C" cannot be the name of an environment variable.');
  });

  it("hand the step's summary on, up to GitHub's bound", async () => {
    const result = await runJob(
      planOf([run("echo '# Done' >> $GITHUB_STEP_SUMMARY"), run("truncate -s 2M $GITHUB_STEP_SUMMARY")]),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.events.filter(({ e }) => e === "summary")).toEqual([
      { e: "summary", n: 2, markdown: "# Done\n" },
    ]);
    expect(bench.log()).toContain("GITHUB_STEP_SUMMARY: 2097152 bytes were written");
  });
});
