import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import { activeLease, admitRequest, ids, made, openFixture, type AdmitSet, type Fixture } from "./fixture.ts";

const CLAIM_MS = 60_000;
const HOLDER = pullRequestHolder(11, 7);

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

function warm(set: AdmitSet = {}) {
  const request = admitRequest({ holder: HOLDER, ...set });
  return { ...request, lease: { ...request.lease, purpose: "warmup" } };
}

describe("a lease that no run waits for", () => {
  it("is there once for a holder, domain, class and provider, however many ask at once", async () => {
    const { leases } = fixture.store;
    const answers = await Promise.all(Array.from({ length: 20 }, () => leases.admitWarm(warm())));
    const [first] = answers.flatMap((answer) => (answer.ok ? [answer.lease] : []));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers.filter(({ ok }) => !ok))
      expect(answer).toEqual({ ok: false, why: "already_warm", lease: first });
    expect(await leases.live()).toEqual([first]);
    expect((await leases.admitWarm(warm({ holder: pullRequestHolder(11, 8) }))).ok).toBe(true);
  });

  it("with the same id again is itself, also when it has ended", async () => {
    const { leases } = fixture.store;
    const request = warm({ id: ids.lease() });
    await leases.admitWarm(request);
    await leases.end(request.lease.id, "stopped");
    await leases.settle(request.lease.id, []);
    expect(await leases.admitWarm(request)).toMatchObject({ ok: true, lease: { state: "ended" } });
    expect(await leases.live()).toEqual([]);
  });

  it("is claimed by one, again after its time, and at once by the next process", async () => {
    const { store, clock } = fixture;
    const { lease } = warm();
    await store.leases.admitWarm({ ...warm(), lease });
    expect(await store.leases.claimRequested("run", 5, CLAIM_MS)).toEqual([]);
    expect(await store.leases.claimRequested("warmup", 5, CLAIM_MS)).toMatchObject([{ id: lease.id }]);
    expect(await store.leases.claimRequested("warmup", 5, CLAIM_MS)).toEqual([]);
    clock.advance(CLAIM_MS - 1);
    expect(await store.leases.renew(lease.id, CLAIM_MS)).toBe(true);
    clock.advance(2);
    expect(await store.leases.claimRequested("warmup", 5, CLAIM_MS)).toEqual([]);
    clock.advance(CLAIM_MS);
    expect(await store.leases.claimRequested("warmup", 5, CLAIM_MS)).toMatchObject([{ id: lease.id }]);
    const next = await fixture.again();
    expect(await next.leases.claimRequested("warmup", 5, CLAIM_MS)).toMatchObject([{ id: lease.id }]);
    await next.leases.activate(lease.id, made);
    clock.advance(2 * CLAIM_MS);
    expect(await next.leases.claimRequested("warmup", 5, CLAIM_MS)).toEqual([]);
  });

  it("is idle from its first moment, so that a run finds it and its idle time ends it", async () => {
    const { store, clock } = fixture;
    const { lease } = warm();
    await store.leases.admitWarm({ ...warm(), lease });
    clock.advance(5_000);
    expect(await store.leases.activate(lease.id, made)).toMatchObject({ idleSince: clock.now() });
    const asked = { ...lease, now: clock.now() };
    expect(await store.leases.findWarm(asked)).toMatchObject({ id: lease.id });
    const ofRun = await activeLease(store);
    expect(await store.leases.get(ofRun)).toMatchObject({ idleSince: null });
  });

  it("is kept from now on and never shorter; one that is ending is not", async () => {
    const { store, clock } = fixture;
    const id = await activeLease(store, { holder: HOLDER });
    const before = await store.leases.get(id);
    clock.advance(1_000);
    expect(await store.leases.keep(id, 1)).toMatchObject({ idleMs: before?.idleMs, idleSince: clock.now() });
    expect(await store.leases.keep(id, 9_000_000)).toMatchObject({ idleMs: 9_000_000 });
    await store.leases.end(id, "idle");
    expect(await store.leases.keep(id, 1)).toBeNull();
  });
});
