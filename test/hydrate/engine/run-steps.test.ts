import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { planOf, run, SHA } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

const mains = (result: Awaited<ReturnType<typeof runJob>>): string[] =>
  result.steps
    .filter(({ stage }) => stage === "main")
    .map(({ outcome, conclusion }) => `${outcome}/${conclusion}`);

describe("steps of a job", () => {
  it("run in order; after a failure only what asks for it", async () => {
    const result = await runJob(
      planOf([
        run("echo one"),
        run("exit 3", { id: "bad" }),
        run("echo never"),
        run("echo failed ${{ steps.bad.outcome }}", { if: "failure()" }),
        run("echo always ${{ job.status }}", { if: "${{ always() }}" }),
      ]),
      bench.host,
    );
    expect(result.conclusion).toBe("failure");
    expect(mains(result)).toEqual([
      "success/success",
      "failure/failure",
      "skipped/skipped",
      "success/success",
      "success/success",
    ]);
    expect(bench.log()).toBe(
      "one\nError: Process completed with exit code 3.\nfailed failure\nalways failure\n",
    );
  });

  it("go on after a failure that is allowed, also by an expression", async () => {
    const plan = planOf([
      run("exit 1", { id: "a", continueOnError: true }),
      run("exit 1", { id: "b", continueOnError: "${{ matrix.experimental }}" }),
      run("echo ${{ steps.a.outcome }} ${{ steps.a.conclusion }} ${{ steps.b.conclusion }}"),
      run("exit 1", { continueOnError: "${{ !matrix.experimental }}" }),
    ]);
    const contexts = { ...plan.contexts, matrix: { experimental: true } };
    const result = await runJob({ ...plan, contexts }, bench.host);
    expect(bench.log()).toContain("failure success success\n");
    expect(mains(result)).toEqual([
      "failure/success",
      "failure/success",
      "success/success",
      "failure/failure",
    ]);
    expect(result.conclusion).toBe("failure");
  });

  it("see env of workflow, job and step, the nearest first, and hand GITHUB_ENV on", async () => {
    const result = await runJob(
      planOf(
        [
          run("echo $A $B $C", { env: { C: "step-${{ env.B }}" } }),
          run("echo B=changed >> $GITHUB_ENV; echo ${{ env.B }}"),
          run("echo $A ${{ env.B }} $C"),
          run("echo $B", { env: { B: "own" } }),
        ],
        { env: [{ A: "wf", B: "wf" }, { B: "job-${{ env.A }}" }] },
      ),
      bench.host,
    );
    expect(bench.log()).toBe("wf job-wf step-job-wf\njob-wf\nwf changed\nown\n");
    expect(result.env).toEqual({ A: "wf", B: "changed" });
  });

  it("take env from one expression for the whole map", async () => {
    await runJob(planOf([run("echo $X-$Y", { env: '${{ fromJSON(\'{"X":1,"Y":true}\') }}' })]), bench.host);
    expect(bench.log()).toBe("1-true\n");
  });

  it("fail, and are told why, when an expression in them cannot be evaluated", async () => {
    const result = await runJob(
      planOf([
        run("echo ${{ fromJSON('{') }}"),
        run("true", { if: "fromJSON('{') || always()" }),
        run("true", { if: "always()", env: { A: "${{ fromJSON('{') }}" } }),
      ]),
      bench.host,
    );
    expect(mains(result)).toEqual(["failure/failure", "failure/failure", "failure/failure"]);
    expect(bench.log().match(/Error: /g)?.length).toBe(3);
  });

  it("have all of GitHub's environment", async () => {
    await runJob(planOf([run("env | sort"), run("cat $GITHUB_EVENT_PATH", { id: "x" })]), bench.host);
    const log = bench.log();
    for (const line of [
      "CI=true",
      "GITHUB_ACTIONS=true",
      "GITHUB_ACTION=__run",
      `GITHUB_SHA=${SHA}`,
      "GITHUB_REF_PROTECTED=false",
      "RUNNER_OS=Linux",
      `RUNNER_TEMP=${bench.host.places.temp}`,
      `GITHUB_WORKSPACE=${bench.host.places.workspace}`,
    ])
      expect(log).toContain(`${line}\n`);
    expect(log).not.toContain("ghs_token");
    expect(log).not.toContain("ACTIONS_RUNTIME_TOKEN");
    expect(log).toContain('"message": "hi"');
    expect(bench.masks).toContain("ghs_token");
  });

  it("run where working-directory says, the step's before the job's", async () => {
    const { workspace } = bench.host.places;
    mkdirSync(join(workspace, "a/b"), { recursive: true });
    await runJob(
      planOf(
        [run("pwd"), run("pwd", { workingDirectory: "a/${{ 'b' }}" }), run("pwd", { workingDirectory: "/" })],
        {
          defaults: { workingDirectory: "a" },
        },
      ),
      bench.host,
    );
    expect(bench.log()).toBe(`${workspace}/a\n${workspace}/a/b\n/\n`);
  });

  it("give the job's outputs, but none that holds a secret", async () => {
    const plan = planOf(
      [run("echo v=1 >> $GITHUB_OUTPUT; echo s=my-hush-x >> $GITHUB_OUTPUT", { id: "a" })],
      {
        outputs: {
          v: "${{ steps.a.outputs.v }}",
          s: "${{ steps.a.outputs.s }}",
          none: "${{ steps.b.outputs.x }}",
        },
      },
    );
    const contexts = { ...plan.contexts, secrets: { HUSH: "hush" } };
    const result = await runJob({ ...plan, contexts }, bench.host);
    expect(result.outputs).toEqual({ v: "1" });
    expect(bench.log()).toContain("Skip output 's' since it may contain secret.");
  });

  it("are stopped when their time is over, and the next ones run on request", async () => {
    const result = await runJob(
      planOf([
        run("sleep 30", { name: "slow", timeoutMinutes: "${{ 0.005 }}" }),
        run("echo after", { if: "failure()" }),
      ]),
      bench.host,
    );
    expect(mains(result)).toEqual(["failure/failure", "success/success"]);
    expect(bench.log()).toBe("Error: The action 'slow' has timed out after 0.005 minutes.\nafter\n");
  });

  it("name themselves by their first line, with expressions filled", async () => {
    const result = await runJob(
      planOf([run("\n  echo hi\necho ho"), run("true", { name: "Say ${{ github.sha }}" })]),
      bench.host,
    );
    expect(result.steps.map(({ name }) => name)).toEqual(["Set up job", "Run echo hi", `Say ${SHA}`]);
  });

  it("do not run when the job's own environment cannot be told", async () => {
    const result = await runJob(planOf([run("echo no")], { env: ["${{ fromJSON('[') }}"] }), bench.host);
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).toMatch(/^Error: /);
    expect(mains(result)).toEqual([]);
  });
});
