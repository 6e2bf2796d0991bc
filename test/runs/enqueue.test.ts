import { afterEach, beforeEach, expect, test } from "vitest";
import { cancelRun, enqueue } from "../../app/runs/enqueue.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

const REQUEST = { outcome: "cancelled", by: "wanda", reason: "Cancelled by wanda." } as const;

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

function stage() {
  const told: string[] = [];
  const deps = {
    store: fixture.store,
    clock: fixture.clock,
    links: {
      url: (id: string) => `http://127.0.0.1/logs/${id}`,
      async issue(id: string) {
        told.push(`link ${id}`);
      },
    },
    worker: () => ({
      wake: () => void told.push("wake"),
      cancel: (id: string) => void told.push(`cancel ${id}`),
    }),
    report: { touch: (id: string) => void told.push(`touch ${id}`) },
  };
  return { deps, told };
}

test("a run is queued once for one cause; the second time nothing happens", async () => {
  const { deps, told } = stage();
  const wanted = newRun({ sourceKey: "guid:0" });
  const run = await enqueue(deps, wanted);
  expect(told).toEqual(["wake", `touch ${run.id}`, `link ${run.id}`]);
  told.length = 0;
  const again = await enqueue(deps, newRun({ sourceKey: "guid:0" }));
  expect(again.id).toBe(run.id);
  // Its log link is made sure of: the first time may have ended in a crash before it.
  expect(told).toEqual([`link ${run.id}`]);
  expect((await fixture.store.runs.counts()).queued).toBe(1);
});

test("a queued run ends here and now, with the first request's words", async () => {
  const { deps } = stage();
  const run = await enqueue(deps, newRun());
  expect(await cancelRun(deps, run, REQUEST)).toBe(true);
  expect(await fixture.store.runs.get(run.id)).toMatchObject({
    state: "reporting",
    outcome: "cancelled",
    detail: { message: "Cancelled by wanda." },
  });
  expect(await cancelRun(deps, run, { ...REQUEST, by: "rita" })).toBe(false);
});

test("a run at work is told, and keeps the first request", async () => {
  const { deps, told } = stage();
  const run = await enqueue(deps, newRun());
  await fixture.store.runs.change(run.id, "queued", "leasing");
  expect(await cancelRun(deps, run, REQUEST)).toBe(true);
  expect(told).toContain(`cancel ${run.id}`);
  expect(await cancelRun(deps, run, { ...REQUEST, by: "rita" })).toBe(true);
  expect(await fixture.store.runs.get(run.id)).toMatchObject({ state: "leasing", cancel: { by: "wanda" } });
});
