import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activeLease, ids, newRun, openFixture, type Fixture } from "./fixture.ts";

const AT_ONCE = 100;
const many = Array.from({ length: AT_ONCE }, (_, n) => n);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

describe("a hundred at once", () => {
  it("one of the same change wins", async () => {
    const { store } = fixture;
    const { run } = await store.runs.create(newRun());
    const results = await Promise.all(many.map(() => store.runs.change(run.id, "queued", "leasing")));
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    const events = await store.events.of("run", run.id, 200);
    expect(events.map((event) => event.type)).toEqual(["queued", "leasing"]);
  });

  it("one of two different changes wins, and its event alone is there", async () => {
    const { store } = fixture;
    const { run } = await store.runs.create(newRun());
    const results = await Promise.all(
      many.map((n) => store.runs.change(run.id, "queued", n % 2 === 0 ? "leasing" : "reporting")),
    );
    const won = results.find((result) => result !== null);
    const events = await store.events.of("run", run.id, 200);
    expect(events.map((event) => event.type)).toEqual(["queued", won?.state]);
  });

  it("the first cancel wins, everybody sees it", async () => {
    const { store } = fixture;
    const { run } = await store.runs.create(newRun());
    const answers = await Promise.all(
      many.map((n) =>
        store.runs.cancel(run.id, { outcome: "cancelled", by: `user-${n}`, reason: "asked", at: n }),
      ),
    );
    expect(new Set(answers.map((answer) => answer?.cancel?.by))).toEqual(new Set(["user-0"]));
  });

  it("one cause makes one run", async () => {
    const { store } = fixture;
    const results = await Promise.all(many.map(() => store.runs.create(newRun({ sourceKey: "one" }))));
    expect(results.filter((result) => result.created)).toHaveLength(1);
    expect(new Set(results.map((result) => result.run.id)).size).toBe(1);
  });

  it("one attempt gets the lease", async () => {
    const { store } = fixture;
    const leaseId = await activeLease(store);
    const { run } = await store.runs.create(newRun());
    const results = await Promise.all(
      many.map((n) => store.attempts.create({ id: ids.attempt(), runId: run.id, n, leaseId })),
    );
    const won = results.filter((result) => result !== null);
    expect(won).toHaveLength(1);
    expect((await store.leases.get(leaseId))?.busyAttempt).toBe(won[0]?.id);
    expect(await store.attempts.ofLease(leaseId)).toHaveLength(1);
  });

  it("one intends an outside call", async () => {
    const { store } = fixture;
    const results = await Promise.all(many.map(() => store.outside.intend("check:1")));
    expect(results.filter((result) => result.fresh)).toHaveLength(1);
    await store.outside.done("check:1", { id: 9 }, "hash");
    expect(await store.outside.intend("check:1")).toEqual({
      state: "done",
      result: { id: 9 },
      sent: "hash",
      fresh: false,
    });
  });
});
