import { afterEach, beforeEach, expect, it } from "vitest";
import { newRun, openFixture } from "./fixture.ts";

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
