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

  it("names a larger class when memory ran out", () => {
    const verdict = judge(exit({ code: 1, oomKills: 2 }), 1, null);
    expect(verdict).toMatchObject({ detail: { hint: expect.stringContaining("--class large") } });
  });
});
