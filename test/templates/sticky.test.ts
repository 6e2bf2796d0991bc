import { describe, expect, test } from "vitest";
import { createRenderer } from "../../app/render.ts";
import { stickyView } from "../../app/runs/sticky-view.ts";
import type { StickyInput } from "../../app/runs/sticky-view.ts";
import { attempt, ended, lease, repository, run, SHA, T0 } from "./sample.ts";

const render = createRenderer();
const empty: StickyInput = {
  repository,
  runs: [],
  leases: [],
  answers: [],
  web: "https://github.com",
  now: T0,
};
const entry = {
  run: ended.run,
  attempt,
  lease,
  position: null,
  checkUrl: "https://github.com/octo/shop/runs/1",
  logUrl: "https://crabbox.example/logs/tok",
};
const queued = {
  ...entry,
  run: { ...run, actor: "bob" },
  attempt: null,
  lease: null,
  position: 2,
  checkUrl: null,
  logUrl: null,
};

describe("the sticky comment", () => {
  test("lists runs, newest first, each with its check, commit, command, person and log", () => {
    const text = render.sticky(stickyView({ ...empty, runs: [queued, entry] }));
    const commit = `[\`${SHA.slice(0, 12)}\`](https://github.com/octo/shop/commit/${SHA})`;
    expect(text.split("\n").slice(0, 8)).toEqual([
      "<!-- crabbox:sticky -->",
      "### Crabbox",
      "",
      "| Run | Commit | Command | By | |",
      "| --- | --- | --- | --- | --- |",
      `| Queued, position 2 | ${commit} | \`npm test\` | bob |  |`,
      `| [Succeeded in 12 s](https://github.com/octo/shop/runs/1) | ${commit} | \`npm test\` | alice | [log](https://crabbox.example/logs/tok) |`,
      "",
    ]);
  });

  test("says how many older runs there are, and when there are none", () => {
    expect(render.sticky(stickyView({ ...empty, runs: Array.from({ length: 14 }, () => entry) }))).toContain(
      "\nand 4 older\n",
    );
    expect(render.sticky(stickyView(empty))).toBe("<!-- crabbox:sticky -->\n### Crabbox\n\nNo runs yet.\n");
  });

  test("lists boxes with fixed ends, so that it does not change by itself", () => {
    const idle = { ...lease, idleSince: T0 };
    const text = (now: number): string =>
      render.sticky(stickyView({ ...empty, leases: [idle, { ...lease, busyAttempt: attempt.id }], now }));
    expect(text(T0)).toContain(
      "| `eager-reef` | local, standard, idle | 10 min idle, or 2026-11-23 11:30:00 UTC |",
    );
    expect(text(T0)).toContain("| `eager-reef` | local, standard, at work | 2026-11-23 11:30:00 UTC |");
    expect(text(T0)).toContain("Comment `/crabbox stop eager-reef` to give one back.");
    expect(text(T0 + 60_000)).toBe(text(T0));
  });

  test("carries the last three answers as they were written, each with whom it answers", () => {
    const answers = [1, 2, 3, 4].map((n) => ({
      actor: `user${n}`,
      body: `Answer **${n}** with \`code\`.`,
      at: T0,
    }));
    const text = render.sticky(stickyView({ ...empty, answers }));
    expect(text).toContain("Answer to user1, 2026-11-23 10:00:00 UTC:\n\nAnswer **1** with `code`.\n");
    expect(text).toContain("Answer **3**");
    expect(text).not.toContain("Answer **4**");
  });
});

test("the commit of the newest held run, and the approval ready to paste", () => {
  const held = { ...queued, run: { ...queued.run, state: "held" as const }, position: null };
  const text = render.sticky(stickyView({ ...empty, runs: [held] }));
  expect(text).toContain("**Waiting for an approval.**");
  expect(text).toContain(`https://github.com/octo/shop/commit/${SHA}`);
  expect(text).toContain(`\`\`\`text\n/crabbox approve ${SHA}\n\`\`\``);
  expect(render.sticky(stickyView({ ...empty, runs: [queued] }))).not.toContain("approve");
});
