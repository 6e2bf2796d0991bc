import { describe, expect, it } from "vitest";
import { judge } from "../../app/runs/judge.ts";
import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";

const exit = (set: Partial<TaskExit>): TaskExit => ({
  executed: true,
  survivors: [],
  rung: "cgroup2",
  endedAt: 0,
  ...set,
});

describe("judge", () => {
  it.each([
    ["code 0", exit({ code: 0 }), "succeeded"],
    ["a code", exit({ code: 7 }), "failed"],
    ["a signal", exit({ signal: "SIGSEGV" }), "failed"],
    ["a spawn failure", exit({ error: "ENOENT" }), "failed"],
    ["out of memory", exit({ code: 137, oomKills: 1 }), "failed"],
    ["its deadline", exit({ why: "timed_out", signal: "SIGTERM" }), "timed_out"],
    [
      "a failed sync",
      exit({ why: "sync_failed", executed: false, syncReason: "commit_missing" }),
      "sync_failed",
    ],
    [
      "a failed step",
      exit({ why: "hydrate_failed", executed: false, step: "build", error: "code 1" }),
      "hydrate_failed",
    ],
    ["a job that succeeded", exit({ conclusion: "success", code: 0 }), "succeeded"],
    ["a job that failed", exit({ conclusion: "failure", step: "build", code: 3 }), "failed"],
    ["a job that is skipped", exit({ conclusion: "skipped", error: "its condition is false" }), "skipped"],
    ["a job that took too long", exit({ conclusion: "cancelled" }), "failed"],
    ["a job stopped at the run's limit", exit({ why: "timed_out", conclusion: "cancelled" }), "timed_out"],
    ["a cancel", exit({ why: "cancelled", by: "ann" }), "cancelled"],
    ["a reboot while it ran", exit({ why: "box_rebooted" }), "box_lost"],
    ["a dead boxd while it ran", exit({ why: "boxd_died" }), "box_lost"],
  ] as const)("%s", (_name, given, outcome) => {
    expect(judge(given, 1, null)).toMatchObject({ kind: "ended", outcome });
  });

  it("repeats once, and only what provably never started", () => {
    for (const why of ["box_rebooted", "boxd_died", "never_started"] as const) {
      expect(judge(exit({ why, executed: false }), 1, null).kind).toBe("again");
      expect(judge(exit({ why, executed: false }), 2, null)).toMatchObject({ outcome: "box_lost" });
      expect(judge(exit({ why, executed: true }), 1, null)).toMatchObject({ outcome: "box_lost" });
    }
  });

  it("tells a superseded run from a cancelled one by who asked", () => {
    const cancel = {
      outcome: "superseded",
      by: "push",
      reason: "A newer commit was pushed.",
      at: 1,
    } as const;
    expect(judge(exit({ why: "cancelled" }), 1, cancel)).toMatchObject({
      outcome: "superseded",
      detail: { message: "A newer commit was pushed." },
    });
  });

  it("ends what a set-up step said with one full stop", () => {
    for (const error of ["it is wrong", "it is wrong."]) {
      const verdict = judge(exit({ why: "hydrate_failed", executed: false, step: "build", error }), 1, null);
      expect(verdict).toMatchObject({ detail: { message: 'Step "build": it is wrong.' } });
    }
  });

  it("names the step of a job, and the needed job for whose sake it did not run", () => {
    const own = judge(exit({ conclusion: "failure", step: "build", error: "it is wrong." }), 1, null);
    expect(own).toMatchObject({ detail: { message: 'The job failed at the step "build": it is wrong.' } });
    const needed = judge(exit({ conclusion: "skipped", job: "a`b", step: "s", error: "x" }), 1, null);
    expect(needed).toMatchObject({
      outcome: "failed",
      detail: {
        message: 'The job `a\'b`, which it needs, failed at the step "s": x. So the job did not run.',
      },
    });
    expect(judge(exit({ conclusion: "failure", oomKills: 1 }), 1, null)).toMatchObject({
      detail: { hint: expect.stringContaining("--class large") },
    });
  });

  it("names a larger class when memory ran out", () => {
    const verdict = judge(exit({ code: 1, oomKills: 2 }), 1, null);
    expect(verdict).toMatchObject({ detail: { hint: expect.stringContaining("--class large") } });
  });
});
