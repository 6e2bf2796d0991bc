import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newRun, openFixture, type Fixture } from "./fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

describe("the fence", () => {
  it("rises with each opening and ends the earlier one's writes", async () => {
    const { store: first } = fixture;
    const { run } = await first.runs.create(newRun());
    const second = await fixture.again();
    expect(second.fence).toBe(first.fence + 1);
    expect(second.owner).toBe(first.owner);
    expect(second.owner).toMatch(/^[0-9a-f]{16}$/u);

    await expect(first.runs.change(run.id, "queued", "leasing")).rejects.toMatchObject({
      code: "claim_lost",
    });
    await expect(
      first.deliveries.put({
        guid: "late",
        event: "push",
        action: null,
        installationId: null,
        body: Buffer.from("x"),
      }),
    ).rejects.toMatchObject({ code: "claim_lost" });
    expect(await first.healthy()).toBe(false);
    expect((await first.runs.get(run.id))?.state).toBe("queued");

    expect(await second.healthy()).toBe(true);
    expect(await second.runs.change(run.id, "queued", "leasing")).toMatchObject({ state: "leasing" });
    expect(await second.deliveries.known(["late"])).toEqual(new Set());
  });

  it("lets the next process take what the earlier one had claimed", async () => {
    const { store: first } = fixture;
    const { run } = await first.runs.create(newRun());
    expect(await first.runs.claim(5, 5, 60_000)).toMatchObject([{ id: run.id, claimFence: first.fence }]);
    await first.runs.change(run.id, "queued", "leasing");
    expect(await first.runs.claim(5, 5, 60_000)).toEqual([]);
    const second = await fixture.again();
    expect(await second.runs.claim(5, 5, 60_000)).toMatchObject([
      { id: run.id, state: "leasing", claimFence: second.fence },
    ]);
  });
});
