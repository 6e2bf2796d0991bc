import { expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import { createHub } from "../../app/runs/log-hub.ts";
import { keepProgress } from "../../app/runs/keep-progress.ts";
import type { Attempt } from "../../app/store/rows.ts";
import type { AttemptProgress } from "../../app/store/attempts.ts";

const attempt = {
  id: "att_1",
  runId: "run_1",
  phases: {},
  executed: false,
  logBytes: 0,
} as unknown as Attempt;

/** A store whose disk is full for the first `full` writes. */
function stage(full: number) {
  const rows: AttemptProgress[] = [];
  let left = full;
  const progress = async (_id: string, set: AttemptProgress) => {
    left -= 1;
    if (left >= 0) throw new AppError("disk_full", "full", "free some");
    rows.push(set);
  };
  const keeper = keepProgress(
    {
      store: { attempts: { progress } as never },
      runHub: createHub(),
    },
    attempt,
  );
  keeper.from(7);
  const say = (name: "sync" | "execute") => keeper.event({ e: "phase", name, at: "begin" }, 5);
  return { keeper, rows, say };
}

it("keeps what a failed write had for the next one", async () => {
  const { keeper, rows, say } = stage(1);
  say("sync");
  say("execute");
  await keeper.kept();
  expect(rows).toEqual([
    { logBytes: 7, executed: true, phases: { sync: { begin: 5 }, execute: { begin: 5 } } },
  ]);
});

it("tries the last one again when asked, and says when that fails, too", async () => {
  const { keeper, rows, say } = stage(2);
  say("sync");
  await expect(keeper.kept()).rejects.toMatchObject({ code: "disk_full" });
  await keeper.kept();
  expect(rows).toHaveLength(1);
});
