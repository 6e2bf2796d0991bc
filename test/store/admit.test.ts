import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activeLease, admitRequest, ids, made, newRun, openFixture, type Fixture } from "./fixture.ts";

const AT_ONCE = 40;
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

const many = <T>(one: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, n) => one(n)));

describe("admission", () => {
  it("writes lease, box and reservation together", async () => {
    const request = admitRequest({ microUsd: 700 });
    const admitted = await fixture.store.leases.admit(request);
    expect(admitted).toMatchObject({
      ok: true,
      lease: { ...request.lease, state: "requested", busyAttempt: null, idleSince: null, endedAt: null },
      box: { id: request.box.id, state: "creating", leaseId: request.lease.id, trustDomain: "11:trusted" },
    });
    expect(await fixture.store.ledger.ofLease(request.lease.id)).toEqual([
      { ...request.reserve, at: fixture.clock.now() },
    ]);
    expect(await fixture.store.leases.admit(request)).toEqual(admitted);
    expect(await fixture.store.ledger.spent(1, 0)).toEqual({ chargedMicroUsd: 0, reservedMicroUsd: 700 });
  });

  it("never goes over the cap, however many ask at once", async () => {
    const caps = [{ microUsd: 1_050, since: 0 }];
    const results = await many(() => fixture.store.leases.admit(admitRequest({ microUsd: 100, caps })));
    expect(results.filter((result) => result.ok)).toHaveLength(10);
    expect(results.find((result) => !result.ok)).toEqual({
      ok: false,
      why: "over_cap",
      spentMicroUsd: 0,
      reservedMicroUsd: 1_000,
      capMicroUsd: 1_050,
    });
    expect(await fixture.store.leases.live()).toHaveLength(10);
    const other = await fixture.store.leases.admit(admitRequest({ accountId: 2, microUsd: 100, caps }));
    expect(other.ok).toBe(true);
  });

  it("never goes over the number of leases, and an ending one still counts", async () => {
    const results = await many(() => fixture.store.leases.admit(admitRequest({ maxLeases: 3 })));
    expect(results.filter((result) => result.ok)).toHaveLength(3);
    expect(results.find((result) => !result.ok)).toEqual({ ok: false, why: "max_leases", live: 3, max: 3 });
    const [lease] = await fixture.store.leases.live({ accountId: 1 });
    if (lease === undefined) throw new Error("no lease");
    await fixture.store.leases.end(lease.id, "released");
    expect((await fixture.store.leases.admit(admitRequest({ maxLeases: 3 }))).ok).toBe(false);
    await fixture.store.leases.settle(lease.id, []);
    expect((await fixture.store.leases.admit(admitRequest({ maxLeases: 3 }))).ok).toBe(true);
  });

  it("refuses an amount that is no whole number, and leaves nothing behind", async () => {
    const request = admitRequest({ microUsd: 0.5 });
    await expect(fixture.store.leases.admit(request)).rejects.toMatchObject({ code: "internal" });
    expect(await fixture.store.leases.get(request.lease.id)).toBeNull();
    expect(await fixture.store.boxes.live()).toEqual([]);
  });
});

describe("a warm lease", () => {
  const query = () => ({
    trustDomain: "11:trusted",
    class: "standard",
    provider: "local",
    now: fixture.clock.now(),
  });

  it("is found only when it has served, is kept for a pull request, and nothing speaks against it", async () => {
    const { store, clock } = fixture;
    const leaseId = await activeLease(store);
    const box = await store.boxes.ofLease(leaseId);
    if (box === null) throw new Error("no box");
    expect(await store.leases.findWarm(query())).toBeNull();
    const { run } = await store.runs.create(newRun());
    const id = ids.attempt();
    await store.attempts.create({ id, runId: run.id, n: 1, leaseId });
    await store.leases.setHolder(leaseId, { kind: "pull_request", key: "11:7" });
    expect(await store.leases.findWarm(query())).toBeNull();
    await store.attempts.end(id, { exit: null, executed: true });
    expect(await store.leases.findWarm(query())).toMatchObject({ id: leaseId });
    for (const other of [{ trustDomain: "11:fork:9" }, { class: "fast" }, { provider: "static-ssh" }])
      expect(await store.leases.findWarm({ ...query(), ...other })).toBeNull();
    await store.boxes.note(box.id, { unfit: "survivors" });
    expect(await store.leases.findWarm(query())).toBeNull();
    await store.boxes.note(box.id, { unfit: null });
    await store.leases.setHolder(leaseId, { kind: "run", key: "run_1" });
    expect(await store.leases.findWarm(query())).toBeNull();
    await store.leases.setHolder(leaseId, { kind: "pull_request", key: "11:7" });
    clock.advance(60_000);
    expect(await store.leases.findWarm(query())).toBeNull();
  });

  it("is found by slug, a live one first", async () => {
    const { store } = fixture;
    const first = await activeLease(store);
    await store.leases.end(first, "released");
    await store.leases.settle(first, []);
    expect(await store.leases.bySlug(1, "calm-otter")).toMatchObject({ id: first });
    const request = admitRequest();
    await store.leases.admit(request);
    fixture.clock.advance(1_000);
    const newer = await activeLease(store);
    await store.leases.end(newer, "released");
    await store.leases.settle(newer, []);
    expect(await store.leases.bySlug(1, "calm-otter")).toMatchObject({ id: request.lease.id });
    expect(await store.leases.bySlug(2, "calm-otter")).toBeNull();
    expect(await store.leases.activate(request.lease.id, made)).toMatchObject({ state: "active" });
  });
});
