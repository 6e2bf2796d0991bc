import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startRetention } from "../../app/reconcile/retention.ts";
import type { RunId } from "../../app/ids.ts";
import { createLogStore, type LogStore } from "../../app/store/logs.ts";
import { createManualClock } from "../github/manual-clock.ts";
import { until } from "../servers/until.ts";
import { activeLease, ids, newRun, openFixture, type Fixture } from "../store/fixture.ts";

const DAY_MS = 24 * 3_600_000;
const KEEP_MS = 14 * DAY_MS;

let fixture: Fixture;
let logs: LogStore;
beforeEach(async () => {
  fixture = await openFixture();
  logs = createLogStore(join(fixture.dir, "logs"));
});
afterEach(async () => {
  await logs.close();
  await fixture.end();
});

/** A run that ended now, with a log of one attempt and a check that was posted. */
async function endedRun() {
  const { store } = fixture;
  const leaseId = await activeLease(store);
  const { run } = await store.runs.create(newRun());
  const attempt = ids.attempt();
  await store.attempts.create({ id: attempt, runId: run.id, n: 1, leaseId });
  await store.attempts.end(attempt, { exit: null, executed: false });
  await logs.append(attempt, 0, [Buffer.from("log")]);
  await store.outside.done(`check:${run.id}`, { id: 1 }, "hash");
  await store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
  await store.runs.change(run.id, "reporting", "done");
  return { id: run.id, attempt };
}

const checkOf = (id: RunId) => fixture.store.outside.get(`check:${id}`);

/** Rounds as many hours apart as asked for, over the store's own clock. */
function start(cancelled: RunId[] = []) {
  const { store } = fixture;
  let rounds = 0;
  const clock = createManualClock();
  const retention = startRetention({
    store: {
      runs: store.runs,
      attempts: store.attempts,
      sweep: async (before) => {
        const swept = await store.sweep(before);
        rounds += 1;
        return swept;
      },
    },
    logs,
    clock: { now: fixture.clock.now, sleep: clock.sleep },
    log: pino({ level: "silent" }),
    keepMs: KEEP_MS,
    sweepCaches: async () => 0,
    sweepArtifacts: async () => 0,
    cancelRun: async (run) => cancelled.push(run.id) > 0,
  });
  return {
    stop: () => retention.stop(),
    rounds: async (count: number) => {
      await until(async () => {
        await clock.advance(rounds < count ? 3_600_000 : 0);
        return rounds >= count;
      }, `${count} rounds`);
    },
  };
}

it("keeps everything for as long as it says, then lets go of the log, and later of the check", async () => {
  const run = await endedRun();
  fixture.clock.advance(KEEP_MS);
  const first = start();
  await first.rounds(1);
  await first.stop();
  expect(await logs.length(run.attempt)).toBe(3);

  fixture.clock.advance(1);
  const second = start();
  await second.rounds(1);
  await second.stop();
  expect(await logs.length(run.attempt)).toBe(0);
  expect(await checkOf(run.id)).toMatchObject({ state: "done" });

  fixture.clock.advance(90 * DAY_MS);
  const third = start();
  await third.rounds(2);
  await third.stop();
  expect(await checkOf(run.id)).toBeNull();
  expect(await fixture.store.runs.get(run.id)).toMatchObject({ state: "done", outcome: "succeeded" });
});

it("never forgets the check of a run that is not done, nor a comment", async () => {
  const { store } = fixture;
  const { run } = await store.runs.create(newRun());
  await store.outside.intend(`check:${run.id}`);
  await store.outside.done("sticky:11:7", { id: 2 }, "hash");
  await store.outside.done("deliveries:looked-until", 1, "");
  fixture.clock.advance(5 * 365 * DAY_MS);
  const retention = start();
  await retention.rounds(1);
  await retention.stop();
  expect(await checkOf(run.id)).toMatchObject({ state: "intended" });
  expect(await store.outside.get("sticky:11:7")).not.toBeNull();
  expect(await store.outside.get("deliveries:looked-until")).not.toBeNull();
});

it("ends what nobody approved for a week, and no sooner", async () => {
  const { store } = fixture;
  const { run: held } = await store.runs.create(newRun({ trustDomain: "11:fork:7" }));
  await store.runs.create(newRun());
  expect(held.state).toBe("held");
  const cancelled: RunId[] = [];
  fixture.clock.advance(7 * DAY_MS);
  const early = start(cancelled);
  await early.rounds(1);
  await early.stop();
  expect(cancelled).toEqual([]);
  fixture.clock.advance(1);
  const late = start(cancelled);
  await late.rounds(1);
  await late.stop();
  expect(cancelled).toEqual([held.id]);
});
