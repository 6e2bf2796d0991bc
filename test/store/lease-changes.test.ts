import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEASE_CHANGES, LEASE_STATES, type LeaseState } from "../../app/leases/lease.ts";
import type { LeaseId } from "../../app/ids.ts";
import { admitRequest, ids, made, newRun, openFixture, type Fixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

async function leaseIn(state: LeaseState): Promise<LeaseId> {
  const { leases } = fixture.store;
  const request = admitRequest();
  const id = request.lease.id;
  await leases.admit(request);
  if (state === "requested") return id;
  await leases.activate(id, made);
  if (state === "active") return id;
  await leases.end(id, "released");
  if (state === "ended") await leases.settle(id, []);
  return id;
}

/** The calls that change a lease's state, and to what. */
const CALLS = [
  { to: "active", call: (id: LeaseId) => fixture.store.leases.activate(id, made) },
  { to: "ending", call: (id: LeaseId) => fixture.store.leases.end(id, "stopped") },
  { to: "ended", call: (id: LeaseId) => fixture.store.leases.settle(id, []) },
] as const;
const BOX_THEN = { active: "leased", ending: "destroying", ended: "gone" } as const;

describe("a lease's changes", () => {
  it.each(LEASE_STATES.flatMap((from) => CALLS.map(({ to, call }) => ({ from, to, call }))))(
    "$from -> $to is as the table says",
    async ({ from, to, call }) => {
      const id = await leaseIn(from);
      const eventsBefore = await fixture.store.events.of("lease", id, 100);
      const result = await call(id);
      const lease = await fixture.store.leases.get(id);
      const events = await fixture.store.events.of("lease", id, 100);
      if (LEASE_CHANGES[from].includes(to)) {
        expect(result).toEqual(lease);
        expect(lease?.state).toBe(to);
        expect(events.at(-1)).toMatchObject({ type: to, data: { from } });
        expect((await fixture.store.boxes.ofLease(id))?.state).toBe(BOX_THEN[to]);
      } else {
        // Settling again is the one repetition that answers the row: the money is right already.
        expect(result).toEqual(from === "ended" && to === "ended" ? lease : null);
        expect(lease?.state).toBe(from);
        expect(events).toEqual(eventsBefore);
      }
    },
  );

  it("keeps the first reason it ended for", async () => {
    const id = await leaseIn("active");
    await fixture.store.leases.end(id, "idle");
    await fixture.store.leases.end(id, "ttl");
    expect(await fixture.store.leases.get(id)).toMatchObject({ state: "ending", endReason: "idle" });
  });

  it("activates a box that was unclear meanwhile", async () => {
    const id = await leaseIn("requested");
    const box = await fixture.store.boxes.ofLease(id);
    await fixture.store.boxes.change(box?.id ?? ids.box(), "creating", "unknown");
    await fixture.store.leases.activate(id, made);
    expect(await fixture.store.boxes.ofLease(id)).toMatchObject({
      state: "leased",
      address: made.address,
      price: made.price,
      ref: made.ref,
    });
  });
});

describe("an attempt's changes", () => {
  const exit = { executed: true, code: 0, survivors: [], rung: "bwrap", endedAt: 5 } as const;

  it("starts, runs and ends once, and the lease is busy exactly meanwhile", async () => {
    const { store, clock } = fixture;
    const leaseId = await leaseIn("active");
    const { run } = await store.runs.create(newRun());
    const id = ids.attempt();
    const created = await store.attempts.create({ id, runId: run.id, n: 1, leaseId });
    expect(created).toMatchObject({
      state: "starting",
      phases: {},
      executed: false,
      swept: false,
      logBytes: 0,
    });
    expect(await store.attempts.create({ id, runId: run.id, n: 1, leaseId })).toEqual(created);
    expect(await store.leases.get(leaseId)).toMatchObject({ busyAttempt: id, idleSince: null });
    await store.attempts.progress(id, {
      logBytes: 10,
      phases: { sync: { begin: 1, ms: 2 } },
      executed: true,
    });
    await store.attempts.progress(id, { logBytes: 5, phases: {}, executed: false });
    expect(await store.attempts.get(id)).toMatchObject({
      state: "running",
      logBytes: 10,
      phases: { sync: { begin: 1, ms: 2 } },
      executed: true,
    });
    clock.advance(10);
    expect(await store.attempts.end(id, { exit, executed: false })).toMatchObject({
      state: "ended",
      exit,
      executed: true,
    });
    expect(await store.attempts.end(id, { exit: null, executed: false })).toBeNull();
    expect(await store.leases.get(leaseId)).toMatchObject({ busyAttempt: null, idleSince: clock.now() });
    const events = await store.events.of("attempt", id, 10);
    expect(events.map((event) => event.type)).toEqual(["starting", "running", "ended"]);
  });

  it("ends without having begun", async () => {
    const { store } = fixture;
    const leaseId = await leaseIn("active");
    const { run } = await store.runs.create(newRun());
    const id = ids.attempt();
    await store.attempts.create({ id, runId: run.id, n: 1, leaseId });
    expect(await store.attempts.end(id, { exit: null, executed: false })).toMatchObject({ state: "ended" });
    await store.attempts.progress(id, { logBytes: 1, phases: {}, executed: false });
    expect(await store.attempts.get(id)).toMatchObject({ state: "ended", logBytes: 1 });
  });

  it.each(["requested", "ending", "ended"] as const)("is refused on a lease that is %s", async (state) => {
    const leaseId = await leaseIn(state);
    const { run } = await fixture.store.runs.create(newRun());
    const attempt = { id: ids.attempt(), runId: run.id, n: 1, leaseId };
    expect(await fixture.store.attempts.create(attempt)).toBeNull();
  });

  it("stores the task without secrets, and lists what a living box has not forgotten", async () => {
    const { store } = fixture;
    const leaseId = await leaseIn("active");
    const box = await store.boxes.ofLease(leaseId);
    const { run } = await store.runs.create(newRun());
    const id = ids.attempt();
    await store.attempts.create({ id, runId: run.id, n: 1, leaseId });
    const task = { v: 2, id, env: { A: "1" }, deadlineAt: 1, logCapBytes: 2, sandbox: "none" } as const;
    const whole = { ...task, secrets: ["hunter2"], syncToken: "ghs_x", given: { secrets: { A: "x" } } };
    await store.attempts.setTask(id, whole);
    expect((await store.attempts.get(id))?.task).toEqual(task);
    expect(await store.attempts.unswept(box?.id ?? ids.box())).toEqual([]);
    await store.attempts.end(id, { exit, executed: true });
    expect(await store.attempts.unswept(box?.id ?? ids.box())).toMatchObject([{ id }]);
    await store.attempts.swept(id);
    expect(await store.attempts.unswept(box?.id ?? ids.box())).toEqual([]);
  });
});
