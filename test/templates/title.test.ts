import { describe, expect, test } from "vitest";
import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { runTitle } from "../../app/runs/report-title.ts";
import type { Attempt, Lease, Run } from "../../app/store/rows.ts";
import { attempt, lease, run, T0 } from "./sample.ts";

const exit: TaskExit = { executed: true, survivors: [], rung: "cgroup2", endedAt: T0 };
const title = (
  changes: Partial<Run>,
  of: Partial<Attempt> | null = null,
  more: { position?: number; now?: number; lease?: Lease } = {},
) =>
  runTitle({
    run: { ...run, ...changes },
    attempt: of === null ? null : { ...attempt, ...of },
    lease: more.lease ?? lease,
    position: more.position ?? null,
    now: more.now ?? T0,
  });
const executing = { phases: { sync: { begin: T0, ms: 5 }, execute: { begin: T0 + 5 } } };
const took = (ms: number) => ({ execute: { begin: T0, ms } });
const by = { outcome: "cancelled", by: "bob", reason: "enough", at: T0 } as const;

describe("a run's title", () => {
  test.each<[string, string]>([
    ["Queued, position 3", title({}, null, { position: 3 })],
    ["Queued", title({}, null, { position: 0 })],
    ["Getting a box", title({ state: "leasing" })],
    ["Running: starting", title({ state: "running", startedAt: T0 }, { phases: {} })],
    ["Running: execute", title({ state: "running", startedAt: T0 }, executing, { now: T0 + 59_000 })],
    [
      "Running for 2 min: execute",
      title({ state: "running", startedAt: T0 }, executing, { now: T0 + 150_000 }),
    ],
    ["Ending the command", title({ state: "running", cancel: by }, executing)],
    ["Succeeded in 12 s", title({ state: "done", outcome: "succeeded" }, { exit: { ...exit, code: 0 } })],
    [
      "Exited with 7 after 3 min 2 s",
      title({ state: "done", outcome: "failed" }, { exit: { ...exit, code: 7 }, phases: took(182_000) }),
    ],
    [
      "Killed by SIGSEGV after 1.5 s",
      title(
        { state: "done", outcome: "failed" },
        { exit: { ...exit, signal: "SIGSEGV" }, phases: took(1500) },
      ),
    ],
    [
      "Out of memory after 3 s: try --class large",
      title(
        { state: "done", outcome: "failed" },
        { exit: { ...exit, signal: "SIGKILL", oomKills: 1 }, phases: took(3000) },
      ),
    ],
    [
      "Out of memory after 3 s",
      title(
        { state: "done", outcome: "failed" },
        { exit: { ...exit, code: 137, oomKills: 2 }, phases: took(3000) },
        { lease: { ...lease, class: "beast" } },
      ),
    ],
    [
      "The box's disk was full",
      title({ state: "done", outcome: "failed" }, { exit: { ...exit, code: 1, diskFull: true } }),
    ],
    [
      "The command could not be started",
      title({ state: "done", outcome: "failed" }, { exit: { ...exit, error: "ENOENT" } }),
    ],
    [
      "Stopped at its time limit of 30 min",
      title({ state: "done", outcome: "timed_out" }, { exit: { ...exit, why: "timed_out" } }),
    ],
    ["Cancelled by bob", title({ state: "reporting", outcome: "cancelled", cancel: by })],
    ["Superseded by a newer commit", title({ state: "done", outcome: "superseded" })],
    [
      "The set-up cannot run: ci.yml:3, test: waits for other jobs.",
      title({
        state: "done",
        outcome: "hydrate_failed",
        detail: { message: "ci.yml:3, test: waits for other jobs." },
      }),
    ],
    [
      "Refused: This pull request comes from a fork.",
      title({
        state: "done",
        outcome: "refused",
        detail: { message: "This pull request comes from a fork." },
      }),
    ],
    [
      "Sync failed: the commit is gone from GitHub",
      title(
        { state: "done", outcome: "sync_failed" },
        { exit: { ...exit, why: "sync_failed", syncReason: "commit_missing" } },
      ),
    ],
    [
      "Set-up step failed: Install",
      title(
        { state: "done", outcome: "hydrate_failed" },
        { exit: { ...exit, why: "hydrate_failed", step: "Install" } },
      ),
    ],
    [
      "The box restarted during the run",
      title({ state: "done", outcome: "box_lost" }, { exit: { ...exit, why: "box_rebooted" } }),
    ],
    ["The App failed", title({ state: "done", outcome: null })],
  ])("%s", (expected, found) => {
    expect(found).toBe(expected);
  });

  test("is one plain line of at most 255 bytes, whatever a step is called", () => {
    const step = `\u001b[31mred\n\u202E${"é".repeat(500)}`;
    const found = title(
      { state: "done", outcome: "hydrate_failed" },
      { exit: { ...exit, why: "hydrate_failed", step } },
    );
    expect(Buffer.byteLength(found)).toBeLessThanOrEqual(255);
    for (const bad of ["\n", "\u001b", "\u202E"]) expect(found).not.toContain(bad);
    expect(found).toMatch(/^Set-up step failed: red \[U\+202E\]é/u);
  });
});
