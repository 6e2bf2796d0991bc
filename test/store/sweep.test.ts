import { afterEach, beforeEach, expect, it } from "vitest";
import { admitRequest, ids, made, newRun, openFixture } from "./fixture.ts";

let fixture: Awaited<ReturnType<typeof openFixture>>;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

it("removes the calls for a run's check and annotations once it ended long ago, and no sticky comment's", async () => {
  const { store, clock } = fixture;
  const { run: ended } = await store.runs.create(newRun());
  const { run: waiting } = await store.runs.create(newRun({ sourceKey: "another" }));
  const callsOf = (id: string) => [`check:${id}`, `annotations:${id}:0`, `annotations:${id}:1`];
  const keys = [...callsOf(ended.id), ...callsOf(waiting.id), "sticky:11:7"];
  for (const key of keys) {
    await store.outside.intend(key);
    await store.outside.done(key, { id: 1 }, "hash");
  }
  await store.runs.change(ended.id, "queued", "reporting", { outcome: "succeeded" });
  await store.runs.change(ended.id, "reporting", "done");
  clock.advance(1_000);
  const before = { deliveryBodies: 0, deliveries: 0, events: 0, answers: 0, checks: clock.now() };
  expect(await store.sweep(before)).toMatchObject({ outside_call: 1, annotations: 2 });
  const fresh = await Promise.all(keys.map(async (key) => (await store.outside.intend(key)).fresh));
  expect(fresh).toEqual([true, true, true, false, false, false, false]);
});

it("forgets what ended attempts were sent, but not while the lease may still serve", async () => {
  const { store, clock } = fixture;
  const { run } = await store.runs.create(newRun());
  const attemptOn = async (n: number) => {
    const request = admitRequest();
    const leaseId = request.lease.id;
    await store.leases.admit(request);
    await store.leases.activate(leaseId, made);
    const id = ids.attempt();
    await store.attempts.create({ id, runId: run.id, n, leaseId });
    const task = { v: 2, id, env: {}, deadlineAt: 1, logCapBytes: 2, sandbox: "none" } as const;
    await store.attempts.setTask(id, task);
    await store.attempts.end(id, { exit: null, executed: false });
    return { id, leaseId };
  };
  const over = await attemptOn(1);
  const serving = await attemptOn(2);
  await store.leases.end(over.leaseId, "released");
  await store.leases.settle(over.leaseId, []);
  clock.advance(1_000);
  const before = { deliveryBodies: 0, deliveries: 0, events: 0, answers: 0, checks: clock.now() };
  expect(await store.sweep(before)).toMatchObject({ attempt_task: 1 });
  expect((await store.attempts.get(over.id))?.task).toBeNull();
  expect((await store.attempts.get(serving.id))?.task).not.toBeNull();
});
