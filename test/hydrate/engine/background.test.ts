import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { control, parallel, planOf, run } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

/** Waits until the file is there. */
const until = (name: string): string => `until [ -e ${name} ]; do sleep 0.02; done`;

const results = (result: Awaited<ReturnType<typeof runJob>>): string[] =>
  result.steps
    .filter(({ stage }) => stage === "main")
    .map(({ id, name, conclusion }) => `${id ?? name}: ${conclusion}`);

describe("background steps", () => {
  it("go on beside the others; what they set is there when they were waited for", async () => {
    const result = await runJob(
      planOf([
        run(`${until("go")}; echo E=1 >> $GITHUB_ENV; echo o=2 >> $GITHUB_OUTPUT; echo /bg >> $GITHUB_PATH`, {
          id: "bg",
          background: true,
        }),
        run("echo [$E] [${{ steps.bg.outcome }}]; touch go"),
        control("wait", ["bg"], { id: "w" }),
        run("echo $E ${{ steps.bg.outputs.o }} ${{ steps.bg.outcome }} ${PATH%%:*}"),
      ]),
      bench.host,
    );
    expect(bench.log(3)).toBe("[] []\n");
    expect(bench.log(5)).toBe("1 2 success /bg\n");
    expect(result.conclusion).toBe("success");
    expect(results(result)[2]).toBe("w: success");
  });

  it("that fail make the wait fail, not what ran before it", async () => {
    const result = await runJob(
      planOf([
        run("exit 1", { id: "bad", background: true }),
        run("exit 1", { id: "soft", background: true, continueOnError: true }),
        run("sleep 0.2; echo fine", { id: "beside" }),
        control("wait", ["soft"], { id: "w1" }),
        control("wait", [], { id: "w2" }),
        run("echo no", { id: "after" }),
      ]),
      bench.host,
    );
    expect(results(result)).toEqual([
      "bad: failure",
      "soft: success",
      "beside: success",
      "w1: success",
      "w2: failure",
      "after: skipped",
    ]);
    expect(result.conclusion).toBe("failure");
  });

  it("that nothing waits for are waited for before the posts", async () => {
    const result = await runJob(
      planOf([run("sleep 0.3; exit 1", { id: "bg", background: true }), run("echo on", { id: "on" })]),
      bench.host,
    );
    expect(results(result)).toEqual(["bg: failure", "on: success", "Wait for all background steps: failure"]);
    expect(result.conclusion).toBe("failure");
  });

  it("can be cancelled, which is no failure of the job", async () => {
    const result = await runJob(
      planOf([
        run("touch on; sleep 60", { id: "server", background: true }),
        run(until("on")),
        control("cancel", ["server"], { id: "stop" }),
        run("echo ${{ steps.server.outcome }}"),
      ]),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.log(5)).toBe("cancelled\n");
  });

  it("have own command files, and a time of their own", async () => {
    const result = await runJob(
      planOf([
        run("sleep 30", { id: "slow", background: true, timeoutMinutes: 0.003 }),
        run("for i in $(seq 20); do echo v=a >> $GITHUB_OUTPUT; done", { id: "a", background: true }),
        run("for i in $(seq 20); do echo v=b >> $GITHUB_OUTPUT; done", { id: "b", background: true }),
        control("wait", ["a", "b", "none"]),
        run("echo ${{ steps.a.outputs.v }}${{ steps.b.outputs.v }}"),
      ]),
      bench.host,
    );
    expect(bench.log(6)).toBe("ab\n");
    expect(bench.log(5)).toContain("No step none runs in the background.");
    expect(bench.log(2)).toContain("has timed out after 0.003 minutes");
    expect(result.conclusion).toBe("failure");
  });

  it("run ten at once, the others when there is room", async () => {
    const steps = Array.from({ length: 12 }, (_, at) =>
      run(`touch s${at}; ${until("go")}`, { background: true, id: `b${at}` }),
    );
    const result = await runJob(
      planOf([...steps, run(`${until("s9")}; sleep 0.2; ls s* | wc -l; touch go`, { id: "count" })]),
      bench.host,
    );
    expect(bench.log(14)).toBe("10\n");
    expect(result.conclusion).toBe("success");
  });
});

describe("parallel steps", () => {
  it("run at once, and what follows waits for them all", async () => {
    const result = await runJob(
      planOf([
        parallel([
          run(`touch a; ${until("b")}; echo v=1 >> $GITHUB_OUTPUT`, { id: "one" }),
          run(`touch b; ${until("a")}`, { id: "two" }),
        ]),
        run("echo ${{ steps.one.outputs.v }} ${{ steps.two.outcome }}"),
      ]),
      bench.host,
    );
    expect(bench.log(5)).toBe("1 success\n");
    expect(results(result).slice(0, 3)).toEqual([
      "one: success",
      "two: success",
      "Wait for parallel steps: success",
    ]);
  });

  it("fail together, and are skipped together", async () => {
    const result = await runJob(
      planOf([
        parallel([run("exit 1", { id: "x" }), run("true", { id: "y" })]),
        parallel([run("true", { id: "z" })]),
      ]),
      bench.host,
    );
    expect(results(result)).toEqual([
      "x: failure",
      "y: success",
      "Wait for parallel steps: failure",
      "z: skipped",
      "Wait for parallel steps: skipped",
    ]);
  });
});
