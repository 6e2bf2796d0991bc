import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { JobPlan } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { carried, composite, planOf, run, uses } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

/** Cancels the job once a step has made the file `on`. */
async function runAndCancel(plan: JobPlan): ReturnType<typeof runJob> {
  const file = join(bench.host.places.workspace, "on");
  const watch = setInterval(() => {
    if (existsSync(file)) bench.cancel();
  }, 10);
  try {
    return await runJob(plan, bench.host);
  } finally {
    clearInterval(watch);
  }
}

const outcomes = (result: Awaited<ReturnType<typeof runJob>>): string[] =>
  result.steps.map(({ outcome }) => outcome);

describe("a cancelled job", () => {
  it("ends its step, and runs what asks for it", async () => {
    const result = await runAndCancel(
      planOf([
        run("touch on; sleep 60"),
        run("echo no"),
        run("echo failed", { if: "failure()" }),
        run("echo cancelled ${{ job.status }}", { if: "cancelled()" }),
        run("echo always", { if: "always()" }),
      ]),
    );
    expect(result.conclusion).toBe("cancelled");
    expect(outcomes(result)).toEqual(["success", "cancelled", "skipped", "skipped", "success", "success"]);
    expect(bench.log()).toBe("Error: The operation was canceled.\ncancelled cancelled\nalways\n");
  });

  it("leaves the step alone whose condition still holds", async () => {
    const result = await runAndCancel(
      planOf([run("touch on; sleep 0.5; echo done", { if: "always()" }), run("echo no")]),
    );
    expect(outcomes(result)).toEqual(["success", "success", "skipped"]);
    expect(bench.log()).toBe("done\n");
  });

  it("ends what is inside a composite, whose always() still runs, and its background steps", async () => {
    const outer = carried("octo/outer", "outer", {
      runs: composite([
        run("touch on; sleep 60", { shell: "sh" }),
        run("echo no", { shell: "sh" }),
        run("echo inside", { shell: "sh", if: "always()" }),
      ]),
    });
    const result = await runAndCancel(
      planOf([run("sleep 60", { background: true, if: "always()" }), uses("outer")], { actions: { outer } }),
    );
    expect(result.conclusion).toBe("cancelled");
    expect(outcomes(result)).toEqual(["success", "cancelled", "cancelled", "cancelled"]);
    expect(bench.log(3)).toBe("Error: The operation was canceled.\ninside\n");
  });

  it("before it began runs nothing", async () => {
    bench.cancel();
    const result = await runJob(planOf([run("echo no")]), bench.host);
    expect(result.conclusion).toBe("cancelled");
    expect(bench.log()).toBe("");
  });

  it("is one whose time is over", async () => {
    const result = await runJob(
      planOf([run("sleep 60"), run("echo always", { if: "always()" })], { timeoutMinutes: "${{ 0.005 }}" }),
      bench.host,
    );
    expect(result.conclusion).toBe("cancelled");
    expect(bench.log()).toContain("always\n");
    expect(bench.events).toContainEqual({
      e: "note",
      text: "The job has exceeded the maximum execution time of 0.005 minutes.",
    });
  });

  it("has composites' steps share the time of the step", async () => {
    const outer = carried("octo/outer", "outer", {
      runs: composite([run("sleep 60", { shell: "sh" }), run("echo no", { shell: "sh", if: "always()" })]),
    });
    const result = await runJob(
      planOf([uses("outer", {}, { timeoutMinutes: 0.005 })], { actions: { outer } }),
      bench.host,
    );
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).toBe("Error: The action has timed out.\nError: The action has timed out.\n");
  });
});
