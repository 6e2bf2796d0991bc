import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LeaseId } from "../../app/ids.ts";
import type { LedgerLine } from "../../app/store/rows.ts";
import { activeLease, ids, newRun, openFixture, type Fixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

function line(kind: LedgerLine["kind"], leaseId: LeaseId, microUsd: number, name = ""): LedgerLine {
  const key = `${kind}:${leaseId}${name}`;
  return { kind, key, microUsd, accountId: 1, provider: "local", class: "standard", leaseId };
}

async function sums(leaseId: LeaseId) {
  const total = { reserve: 0, release: 0, charge: 0 };
  for (const { kind, microUsd } of await fixture.store.ledger.ofLease(leaseId)) total[kind] += microUsd;
  return total;
}

describe("the ledger of a lease", () => {
  it("balances after settling, whatever was reserved, extended and already released", async () => {
    const amount = fc.integer({ min: 0, max: 1_000_000 });
    await fc.assert(
      fc.asyncProperty(
        amount,
        fc.array(amount, { maxLength: 3 }),
        fc.integer({ min: 0, max: 100 }),
        amount,
        async (reserved, extensions, percent, charge) => {
          const { leases } = fixture.store;
          const id = await activeLease(fixture.store, { microUsd: reserved });
          const expiresAt = (await leases.get(id))?.expiresAt ?? 0;
          for (const [n, more] of extensions.entries()) {
            const extension = line("reserve", id, more, `:${n}`);
            await leases.extend(id, expiresAt + n, extension, []);
            await leases.extend(id, expiresAt + n, extension, []);
          }
          const all = extensions.reduce((sum, more) => sum + more, reserved);
          const lines = [line("release", id, Math.floor((all * percent) / 100)), line("charge", id, charge)];
          await leases.end(id, "released");
          const first = await leases.settle(id, lines);
          expect(await leases.settle(id, lines)).toEqual(first);
          await leases.settle(id, [line("charge", id, 5, ":late")]);
          expect(await sums(id)).toEqual({ reserve: all, release: all, charge });
        },
      ),
      { numRuns: 30 },
    );
  });

  it("settles once when asked many times at once", async () => {
    const id = await activeLease(fixture.store, { microUsd: 900 });
    await fixture.store.leases.end(id, "ttl");
    const lines = [line("release", id, 900), line("charge", id, 300)];
    const results = await Promise.all(
      Array.from({ length: 50 }, () => fixture.store.leases.settle(id, lines)),
    );
    expect(new Set(results.map((lease) => lease?.state))).toEqual(new Set(["ended"]));
    expect(await sums(id)).toEqual({ reserve: 900, release: 900, charge: 300 });
    const events = await fixture.store.events.of("lease", id, 100);
    expect(events.filter((event) => event.type === "ended")).toHaveLength(1);
  });

  it("refuses to release more than was reserved, or another lease's line, and then changes nothing", async () => {
    const id = await activeLease(fixture.store, { microUsd: 100 });
    await fixture.store.leases.end(id, "ttl");
    for (const wrong of [line("release", id, 101), line("charge", ids.lease(), 1)]) {
      await expect(fixture.store.leases.settle(id, [wrong])).rejects.toMatchObject({ code: "internal" });
    }
    expect(await sums(id)).toEqual({ reserve: 100, release: 0, charge: 0 });
    expect((await fixture.store.leases.get(id))?.state).toBe("ending");
    await fixture.store.leases.settle(id, []);
    expect(await sums(id)).toEqual({ reserve: 100, release: 100, charge: 0 });
  });

  it("gives each attempt its charges as its cost, and the account what it has spent", async () => {
    const { store, clock } = fixture;
    const before = await store.ledger.spent(1, 0);
    clock.advance(1_000);
    const since = clock.now();
    const id = await activeLease(store, { microUsd: 500 });
    const { run } = await store.runs.create(newRun());
    const attempts = [ids.attempt(), ids.attempt()];
    for (const [n, attemptId] of attempts.entries()) {
      await store.attempts.create({ id: attemptId, runId: run.id, n, leaseId: id });
      await store.attempts.end(attemptId, { exit: null, executed: false });
    }
    expect(await store.ledger.spent(1, since)).toEqual({ chargedMicroUsd: 0, reservedMicroUsd: 500 });
    await store.leases.end(id, "released");
    const whose = { member: "octo", pullRequest: 7, repositoryId: 11 };
    const charges = attempts.map((attemptId, n) =>
      Object.assign(line("charge", id, 10 + n, `:${n}`), whose, { attemptId }),
    );
    await store.leases.settle(id, [...charges, line("charge", id, 5, ":idle")]);
    expect((await store.attempts.ofLease(id)).map((attempt) => attempt.costMicroUsd)).toEqual([10, 11]);
    expect(await store.ledger.spent(1, since)).toEqual({ chargedMicroUsd: 26, reservedMicroUsd: 0 });
    expect(await store.ledger.spent(1, 0)).toEqual({
      chargedMicroUsd: before.chargedMicroUsd + 26,
      reservedMicroUsd: 0,
    });
    expect(await store.ledger.ofLease(id)).toContainEqual({ ...charges[0], at: clock.now() });
  });
});
