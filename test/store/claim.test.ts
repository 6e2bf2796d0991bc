import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Run } from "../../app/store/rows.ts";
import { newRun, openFixture, sql, type Fixture } from "./fixture.ts";

const CLAIM_MS = 60_000;
const ALL = 1_000;
let fixture: Fixture;

async function queue(accounts: readonly number[]): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const accountId of accounts) runs.push((await fixture.store.runs.create(newRun({ accountId }))).run);
  return runs;
}
const accountsOf = (runs: readonly Run[]) => runs.map((run) => run.accountId);
const idsOf = (runs: readonly Run[]) => runs.map((run) => run.id);

describe("the order of claims", () => {
  beforeEach(async () => {
    fixture = await openFixture();
  });
  afterEach(() => fixture.end());

  it("takes accounts in turns, each account's oldest first", async () => {
    const runs = await queue([1, 1, 1, 2, 2, 3]);
    const claimed = await fixture.store.runs.claim(ALL, ALL, CLAIM_MS);
    expect(accountsOf(claimed)).toEqual([1, 2, 3, 1, 2, 1]);
    expect(idsOf(claimed.filter((run) => run.accountId === 1))).toEqual(idsOf(runs.slice(0, 3)));
  });

  it("lets an account with much under way wait for one with little", async () => {
    await queue([1, 1]);
    for (const run of await fixture.store.runs.claim(2, ALL, CLAIM_MS))
      await fixture.store.runs.change(run.id, "queued", "leasing");
    await queue([1, 2, 2]);
    expect(accountsOf(await fixture.store.runs.claim(ALL, ALL, CLAIM_MS))).toEqual([2, 2, 1]);
  });

  it("keeps to perAccount, counting what is claimed but still queued", async () => {
    await queue([1, 1, 1, 2]);
    const first = await fixture.store.runs.claim(ALL, 2, CLAIM_MS);
    expect(accountsOf(first)).toEqual([1, 2, 1]);
    expect(await fixture.store.runs.claim(ALL, 2, CLAIM_MS)).toEqual([]);
    const [done] = first;
    if (done === undefined) throw new Error("nothing was claimed");
    await fixture.store.runs.change(done.id, "queued", "leasing");
    expect(await fixture.store.runs.claim(ALL, 2, CLAIM_MS)).toEqual([]);
    await fixture.store.runs.change(done.id, "leasing", "reporting", { outcome: "no_capacity" });
    expect(accountsOf(await fixture.store.runs.claim(ALL, 2, CLAIM_MS))).toEqual([1]);
  });

  it("waits until notBefore, unless the run is asked to end", async () => {
    const { store, clock } = fixture;
    const [run, next] = await queue([1, 1]);
    if (run === undefined || next === undefined) throw new Error("no runs");
    await store.runs.claim(1, 1, CLAIM_MS);
    await store.runs.unclaim(run.id, clock.now() + 5_000);
    expect(idsOf(await store.runs.claim(ALL, 1, CLAIM_MS))).toEqual([next.id]);
    await store.runs.unclaim(next.id);
    expect(idsOf(await store.runs.claim(ALL, 1, CLAIM_MS))).toEqual([next.id]);
    clock.advance(5_000);
    expect(idsOf(await store.runs.claim(ALL, 2, CLAIM_MS))).toEqual([run.id]);
    await store.runs.unclaim(run.id, clock.now() + 5_000);
    await store.runs.cancel(run.id, { outcome: "cancelled", by: "a", reason: "b", at: 1 });
    expect(idsOf(await store.runs.claim(ALL, 1, CLAIM_MS))).toEqual([run.id]);
  });

  it("hands out the first few that pause once there may be room", async () => {
    const { store, clock } = fixture;
    const runs = await queue([1, 1, 1, 2, 2, 3]);
    for (const run of await store.runs.claim(ALL, ALL, CLAIM_MS))
      await store.runs.unclaim(run.id, clock.now() + 30_000);
    expect(await store.runs.claim(ALL, ALL, CLAIM_MS)).toEqual([]);
    await store.runs.capacityFreed();
    const first = [0, 3, 5, 1].map((at) => runs[at]?.id);
    expect(idsOf(await store.runs.claim(ALL, ALL, CLAIM_MS))).toEqual(first);
    clock.advance(30_000);
    expect(await store.runs.claim(ALL, ALL, CLAIM_MS)).toHaveLength(2);
  });

  it("hands out held ones only when they are asked to end", async () => {
    const [run] = await queue([1]);
    if (run === undefined) throw new Error("no run");
    await sql(fixture.path, "update run set state = 'held'");
    expect(await fixture.store.runs.claim(ALL, ALL, CLAIM_MS)).toEqual([]);
    expect(
      await fixture.store.runs.cancel(run.id, { outcome: "expired", by: "App", reason: "old", at: 1 }),
    ).toMatchObject({ state: "held", cancel: { outcome: "expired" } });
    expect(idsOf(await fixture.store.runs.claim(ALL, 0, CLAIM_MS))).toEqual([run.id]);
  });

  it("takes a run again when its claim ran out, not while it is renewed", async () => {
    const { store, clock } = fixture;
    const [run] = await queue([1]);
    if (run === undefined) throw new Error("no run");
    await store.runs.claim(1, 1, CLAIM_MS);
    await store.runs.change(run.id, "queued", "leasing");
    clock.advance(CLAIM_MS - 1);
    expect(await store.runs.renew(run.id, CLAIM_MS)).toBe(true);
    clock.advance(CLAIM_MS - 1);
    expect(await store.runs.claim(1, 1, CLAIM_MS)).toEqual([]);
    clock.advance(1);
    expect(await store.runs.claim(1, 1, CLAIM_MS)).toMatchObject([{ id: run.id, state: "leasing" }]);
    await store.runs.unclaim(run.id);
    expect(await store.runs.renew(run.id, CLAIM_MS)).toBe(false);
  });

  it("shows positions in the order of claims", async () => {
    const { store } = fixture;
    const runs = await queue([1, 1, 1, 2, 2, 3]);
    const byPosition = await Promise.all(
      runs.map(async (run) => ({ id: run.id, at: await store.runs.position(run.id) })),
    );
    byPosition.sort((a, b) => a.at - b.at);
    expect(byPosition.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6]);
    const two = await store.runs.claim(2, ALL, CLAIM_MS);
    expect(idsOf(two)).toEqual(byPosition.slice(0, 2).map(({ id }) => id));
    for (const { id, at } of byPosition) expect(await store.runs.position(id)).toBe(at);
    const [first] = two;
    if (first === undefined) throw new Error("nothing was claimed");
    await store.runs.change(first.id, "queued", "leasing");
    expect(await store.runs.position(first.id)).toBe(0);
    const rest = await store.runs.claim(ALL, ALL, CLAIM_MS);
    expect(idsOf(rest)).toEqual(byPosition.slice(2).map(({ id }) => id));
  });
});

describe("any sequence of steps", () => {
  beforeAll(async () => {
    fixture = await openFixture();
  });
  afterAll(() => fixture.end());

  const PER_ACCOUNT = 2;
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant("queue" as const), account: fc.constantFrom(1, 2, 3) }),
      fc.record({ do: fc.constant("claim" as const), limit: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant("start" as const) }),
      fc.record({ do: fc.constant("finish" as const) }),
    ),
    { minLength: 5, maxLength: 40 },
  );

  it("never has more than perAccount under way, never the same run twice, and starves nobody", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const { store } = fixture;
        const queued: Run["id"][] = [];
        const claimed: Run[] = [];
        const started: Run[] = [];
        const claim = async (limit: number) => {
          for (const run of await store.runs.claim(limit, PER_ACCOUNT, CLAIM_MS)) {
            expect(claimed.concat(started).some((other) => other.id === run.id)).toBe(false);
            claimed.push(run);
          }
          const underWay = [...claimed, ...started];
          for (const account of [1, 2, 3]) {
            expect(underWay.filter((run) => run.accountId === account).length).toBeLessThanOrEqual(
              PER_ACCOUNT,
            );
          }
        };
        const start = async () => {
          const run = claimed.shift();
          if (run === undefined) return;
          await store.runs.change(run.id, "queued", "leasing");
          started.push(run);
        };
        const finish = async () => {
          const run = started.shift();
          if (run === undefined) return;
          await store.runs.change(run.id, "leasing", "reporting", { outcome: "succeeded" });
          await store.runs.change(run.id, "reporting", "done");
          queued.splice(queued.indexOf(run.id), 1);
        };
        for (const step of plan) {
          if (step.do === "queue")
            queued.push((await store.runs.create(newRun({ accountId: step.account }))).run.id);
          else if (step.do === "claim") await claim(step.limit);
          else await (step.do === "start" ? start() : finish());
        }
        for (let round = 0; queued.length > 0; round += 1) {
          expect(round).toBeLessThan(plan.length);
          await claim(ALL);
          while (claimed.length > 0) await start();
          while (started.length > 0) await finish();
        }
      }),
      { numRuns: 25 },
    );
  });
});
