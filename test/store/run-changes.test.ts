import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUN_CHANGES, RUN_STATES, type RunState } from "../../app/runs/run.ts";
import { newRun, openFixture, sql, type Fixture } from "./fixture.ts";

/** Legal ways from `queued` to each state; no flow of this chapter enters `held`, so the row is set there by hand. */
const WAYS: Readonly<Record<RunState, readonly RunState[]>> = {
  held: [],
  queued: [],
  leasing: ["leasing"],
  running: ["leasing", "running"],
  reporting: ["reporting"],
  done: ["reporting", "done"],
};
const PAIRS = RUN_STATES.flatMap((from) => RUN_STATES.map((to) => ({ from, to })));

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

async function runIn(state: RunState) {
  const { run } = await fixture.store.runs.create(newRun());
  let from: RunState = "queued";
  for (const to of WAYS[state]) {
    await fixture.store.runs.change(run.id, from, to);
    from = to;
  }
  if (state === "held") await sql(fixture.path, "update run set state = 'held' where id = ?", [run.id]);
  return run.id;
}

describe("a run's changes", () => {
  it.each(PAIRS.filter(({ from, to }) => !RUN_CHANGES[from].includes(to)))(
    "refuses $from -> $to whatever the row's state, and changes nothing",
    async ({ from, to }) => {
      const id = await runIn(from);
      const before = await fixture.store.runs.get(id);
      await expect(fixture.store.runs.change(id, from, to)).rejects.toMatchObject({ code: "illegal_change" });
      expect(await fixture.store.runs.get(id)).toEqual(before);
    },
  );

  it.each(PAIRS.filter(({ from, to }) => RUN_CHANGES[from].includes(to)))(
    "makes $from -> $to once, with its event",
    async ({ from, to }) => {
      const id = await runIn(from);
      const moved = await fixture.store.runs.change(id, from, to, { detail: { message: "why" } });
      expect(moved).toMatchObject({ id, state: to, detail: { message: "why" } });
      expect(await fixture.store.runs.get(id)).toEqual(moved);
      const events = await fixture.store.events.of("run", id, 100);
      expect(events.at(-1)).toMatchObject({ type: to, data: { from, detail: { message: "why" } } });
      expect(await fixture.store.runs.change(id, from, to)).toBeNull();
      expect(await fixture.store.events.of("run", id, 100)).toHaveLength(events.length);
    },
  );

  it.each(RUN_STATES.flatMap((at) => RUN_STATES.filter((from) => from !== at).map((from) => ({ at, from }))))(
    "answers null for a legal change from $from when the row is $at",
    async ({ at, from }) => {
      const id = await runIn(at);
      const [to] = RUN_CHANGES[from];
      if (to === undefined) return;
      expect(await fixture.store.runs.change(id, from, to)).toBeNull();
      expect(await fixture.store.runs.get(id)).toMatchObject({ state: at });
    },
  );
});

describe("times of a run", () => {
  it("starts with its first leasing, not when it went back to the queue, and ends with done", async () => {
    const { store, clock } = fixture;
    const { run } = await store.runs.create(newRun());
    clock.advance(1_000);
    const leasing = await store.runs.change(run.id, "queued", "leasing");
    expect(leasing?.startedAt).toBe(run.createdAt + 1_000);
    expect((await store.runs.change(run.id, "leasing", "queued"))?.startedAt).toBeNull();
    clock.advance(1_000);
    await store.runs.change(run.id, "queued", "leasing");
    await store.runs.change(run.id, "leasing", "running");
    clock.advance(1_000);
    const again = await store.runs.change(run.id, "running", "leasing");
    expect(again?.startedAt).toBe(run.createdAt + 2_000);
    await store.runs.change(run.id, "leasing", "reporting", { outcome: "box_lost" });
    clock.advance(1_000);
    expect(await store.runs.change(run.id, "reporting", "done")).toMatchObject({
      outcome: "box_lost",
      endedAt: run.createdAt + 4_000,
      claimFence: null,
    });
  });
});
