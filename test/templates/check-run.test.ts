import { describe, expect, test } from "vitest";
import { createRenderer } from "../../app/render.ts";
import { checkRunView } from "../../app/runs/report-view.ts";
import type { CheckRunInput } from "../../app/runs/report-view.ts";
import { planOf, run as step, uses } from "../hydrate/engine/plans.ts";
import { attempt, box, ended, lease, run, SHA, T0 } from "./sample.ts";

const render = createRenderer();
const summary = (input: CheckRunInput) => render.checkRun(checkRunView(input));

describe("the summary of a run that ended well", () => {
  const text = summary(ended);

  test.each([
    ["the command", "| Command | `npm test` |"],
    ["the whole commit with its page", `[\`${SHA}\`](https://github.com/octo/shop/commit/${SHA})`],
    ["its branch", "on `feature/cart`"],
    ["the pull request", "[pull request 12](https://github.com/octo/shop/pull/12)"],
    [
      "who asked, with the comment",
      "[alice](https://github.com/octo/shop/pull/12#issuecomment-99), by a comment",
    ],
    ["the box", "| Box | `eager-reef`: provider local, class standard, type local-4, new |"],
    ["its containment", "| Containment | cgroup2 |"],
    ["the cost with its source", "| Cost | \\$0.0002 (\\$0.0360 an hour, settings, 2026-11-01) |"],
    ["the log", "[live log](https://crabbox.example/logs/tok)"],
    ["queueing", "| queue | 2 s |"],
    ["leasing", "| lease | 1 s |"],
    ["sync", "| sync | 80 ms | succeeded |"],
    ["hydrate", "| hydrate | 4.2 s | succeeded |"],
    ["execute", "| execute | 12 s | succeeded |"],
    ["report", "| report | 400 ms |"],
    ["the comment to run it again", "```text\n/crabbox run -- npm test\n```"],
    [
      "the way by hand",
      `git fetch https://github.com/octo/shop.git ${SHA}\ngit checkout --detach ${SHA}\nnpm test\n`,
    ],
  ])("has %s", (_what, expected) => {
    expect(text).toContain(expected);
  });

  test("says nothing of a next step", () => {
    expect(text).not.toContain("**Next:**");
  });
});

describe("what else a summary says", () => {
  test("a reason stands there once", () => {
    const message = 'ci.yml:3, "test": waits for other jobs. Nothing was run.';
    const refused = { ...run, state: "done", outcome: "hydrate_failed", detail: { message } } as const;
    const view = checkRunView({
      ...ended,
      run: refused,
      attempts: [],
      lease: null,
      box: null,
      logTail: null,
    });
    expect(view.title).toBe(`The set-up cannot run: ${message}`);
    expect(render.checkRun(view).split("\n")[0]).toBe(`**The set-up cannot run.** ${message}`);
  });

  test("a place in the queue, and that there is no box yet", () => {
    const text = summary({
      ...ended,
      run,
      attempts: [],
      lease: null,
      box: null,
      position: 3,
      logTail: null,
      now: T0 + 500,
    });
    expect(text).toMatch(/^\*\*Queued, position 3\.\*\*/u);
    expect(text).toContain("none yet; class standard wanted");
    expect(text).toContain("| Cost | nothing yet |");
    expect(text).toContain("| queue | 500 ms | under way |");
  });

  test("what lets a held run start, ready to paste, and whose code it is", () => {
    const held = { ...run, state: "held" as const, trustDomain: "7:fork:12" };
    const input = { ...ended, run: held, attempts: [], lease: null, box: null, logTail: null, now: T0 + 500 };
    expect(checkRunView(input)).toMatchObject({ status: "completed", conclusion: "action_required" });
    const text = summary(input);
    expect(text).toMatch(/^\*\*Waiting for an approval\.\*\*/u);
    expect(text).toContain(`\`\`\`text\n/crabbox approve ${SHA}\n\`\`\``);
    expect(text).toContain("| approval | 500 ms | waiting |");
    expect(text).not.toContain("| queue |");
    expect(text).toContain("no secrets and a box of its own");
  });

  test("how long an approval took, apart from the queue", () => {
    const input = { ...ended, run: { ...ended.run, queuedAt: T0 + 1500 } };
    expect(summary(input)).toContain("| approval | 1.5 s |");
    expect(summary(input)).toContain("| queue | 500 ms |");
  });

  test("the next step of a failure, and the hint that is better than it", () => {
    const failed = { ...ended.run, outcome: "failed" as const };
    expect(summary({ ...ended, run: failed })).toContain("comment `/crabbox retry`");
    expect(summary({ ...ended, run: { ...failed, detail: { hint: "Turn it off and on." } } })).toContain(
      "**Next:** Turn it off and on.",
    );
  });

  test("weak containment, processes left running, and a log with a gap", () => {
    const exit = {
      code: 0,
      executed: true,
      survivors: ["sleep"],
      rung: "best-effort" as const,
      endedAt: T0,
      gapBytes: 1_500_000,
    };
    const text = summary({ ...ended, attempts: [{ ...attempt, exit }] });
    expect(text).toContain("containment: best effort");
    expect(text).toContain("Left running: `sleep`. The box is retired.");
    expect(text).toContain("1.5 MB of the log were left out");
  });

  test("a warm box, and that set-up was skipped on it", () => {
    const warm = { ...lease, createdAt: T0 - 60_000, holder: { kind: "pull_request" as const, key: "7#12" } };
    const task = { v: 2, id: attempt.id, env: {}, deadlineAt: T0, logCapBytes: 1, sandbox: "none" } as const;
    const hydrated = { fingerprint: "x", at: T0 - 30_000, sha: SHA };
    const text = summary({
      ...ended,
      lease: warm,
      box: { ...box, hydrated },
      attempts: [{ ...attempt, task }],
    });
    expect(text).toContain("warm, used before");
    expect(text).toContain(
      "| Set-up | skipped: done on this box at 2026-11-23 09:59:30 UTC, for base 0123456789ab |",
    );
    expect(text).toContain("`/crabbox stop eager-reef` gives it back");
  });

  test("which steps set the box up", () => {
    const plan = planOf([
      step("npm ci", { name: "Install" }),
      step("x", { name: "Bu`ild|" }),
      uses("a/b@v1"),
    ]);
    const hydrate = { fingerprint: "x", archives: [], plan };
    const task = {
      v: 2,
      id: attempt.id,
      env: {},
      deadlineAt: T0,
      logCapBytes: 1,
      sandbox: "none",
      hydrate,
    } as const;
    const text = summary({ ...ended, attempts: [{ ...attempt, task }] });
    expect(text).toContain("| Set-up | 3 steps: `Install`, <code>Bu'ild&#124;</code>, `a/b@v1` |");
  });

  test("the attempt that was lost before, and the run it is a retry of", () => {
    const lost = {
      ...attempt,
      exit: {
        why: "box_rebooted" as const,
        executed: false,
        survivors: [],
        rung: "cgroup2" as const,
        endedAt: T0,
      },
    };
    const text = summary({
      ...ended,
      run: { ...ended.run, retryOf: "run_0000000000ff" },
      attempts: [lost, { ...attempt, n: 2 }],
    });
    expect(text).toContain(
      "Attempt 1 ended before the command began (box rebooted); attempt 2 ran on another box.",
    );
    expect(text).toContain("a retry of `run_0000000000ff`");
  });

  test("a cost that is not settled as an estimate", () => {
    const text = summary({ ...ended, attempts: [{ ...attempt, costMicroUsd: null }] });
    expect(text).toContain("about \\$0.0002, settled when the box ends");
  });
});

describe("the comment to run it again", () => {
  test("carries what differs from the server's defaults, and only that", () => {
    const options = { ...run.options, class: "large" as const, timeoutMs: 5_400_000 };
    const text = summary({ ...ended, run: { ...ended.run, options } });
    expect(text).toContain("\n/crabbox run --class large --timeout 1h30m -- npm test\n");
  });

  test("carries a script as a block inside of a longer fence", () => {
    const command = "set -e\necho '```'\nmake";
    const view = checkRunView({ ...ended, run: { ...ended.run, commandKind: "script", command } });
    expect(view.reproduce).toBe(`/crabbox run\n\`\`\`\`bash\n${command}\n\`\`\`\``);
    expect(view.byHand).toContain(`bash <<'SCRIPT'\n${command}\nSCRIPT`);
    expect(render.checkRun(view)).toContain("`````text\n/crabbox run\n````bash\n");
  });
});
