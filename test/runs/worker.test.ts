import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../../app/errors.ts";
import { startWorker, type Worker } from "../../app/runs/worker.ts";
import type { Run } from "../../app/store/rows.ts";
import { until } from "../servers/until.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

type Work = Parameters<typeof startWorker>[0]["work"];

let fixture: Fixture;
let worker: Worker | null;
beforeEach(async () => {
  fixture = await openFixture();
  worker = null;
});
afterEach(async () => {
  await worker?.drain();
  await fixture.end();
});

function start(work: Work, limits = { workers: 2, concurrency: 10 }): Worker {
  // The fixture's clock stands still but for what waits here: pauses move it on.
  const clock = {
    now: fixture.clock.now,
    async sleep(ms: number) {
      fixture.clock.advance(ms);
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
  worker = startWorker({ store: fixture.store, clock, log: pino({ level: "silent" }), limits, work });
  return worker;
}

async function queue(count = 1): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let n = 0; n < count; n += 1) runs.push((await fixture.store.runs.create(newRun())).run);
  return runs;
}

const finish = async (run: Run) => {
  await fixture.store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
  await fixture.store.runs.change(run.id, "reporting", "done");
};

test("each run is worked on once, no more at a time than there are workers", async () => {
  const runs = await queue(7);
  const worked: string[] = [];
  let now = 0;
  let most = 0;
  start(async (run) => {
    worked.push(run.id);
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await finish(run);
    now -= 1;
  });
  await until(async () => (await fixture.store.runs.counts()).done === 7, "all to be done");
  expect(worked).toEqual(runs.map(({ id }) => id));
  expect(most).toBe(2);
});

test("a run that only reports needs no worker any more", async () => {
  await queue(3);
  const report = Promise.withResolvers<void>();
  const working = start(async (_run, signals, onReporting) => {
    onReporting();
    await Promise.race([report.promise, new Promise((r) => signals.drain.addEventListener("abort", r))]);
  });
  await until(() => working.active() === 3, "all three to be at work, with two workers");
  report.resolve();
});

test("a defect that comes back ends the run as internal, with its own words, and stops no other", async () => {
  const [bad] = await queue(2);
  let times = 0;
  start(async (run) => {
    if (run.id !== bad?.id) return finish(run);
    if (run.state === "reporting") {
      await fixture.store.runs.change(run.id, "reporting", "done");
      return;
    }
    times += 1;
    throw new AppError("internal", "The plan has no steps.", "Report it.");
  });
  await until(async () => (await fixture.store.runs.counts()).done === 2, "both to be over");
  const run = bad === undefined ? null : await fixture.store.runs.get(bad.id);
  expect(times).toBe(5);
  expect(run).toMatchObject({ outcome: "internal", detail: { hint: "Report it." } });
  expect(run?.detail?.message).toContain("The plan has no steps.");
});

test("an outage is waited for, however long it takes", async () => {
  await queue(1);
  let times = 0;
  start(async (run) => {
    times += 1;
    if (times <= 30) throw new AppError("github_failed", "GitHub answered 500.", "It is tried again.");
    await finish(run);
  });
  await until(async () => (await fixture.store.runs.counts()).done === 1, "the run to be done");
  expect(times).toBe(31);
});

test("cancel reaches the run at work; drain lets go of it and leaves it as it is", async () => {
  const [run] = await queue(1);
  const heard: string[] = [];
  const working = start(
    (_run, signals) =>
      new Promise((_, reject) => {
        signals.cancelled.addEventListener("abort", () => heard.push("cancel"));
        signals.drain.addEventListener("abort", () => {
          heard.push("drain");
          reject(new Error("let go"));
        });
      }),
  );
  await until(() => working.active() === 1, "the run to be at work");
  working.cancel(run?.id ?? "run_000000000000");
  expect(heard).toEqual(["cancel"]);
  await working.drain();
  expect(heard).toEqual(["cancel", "drain"]);
  expect((await fixture.store.runs.counts()).queued).toBe(1);
});
