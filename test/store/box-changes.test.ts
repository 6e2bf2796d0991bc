import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOX_CHANGES, BOX_STATES, type BoxState } from "../../app/leases/lease.ts";
import { admitRequest, openFixture, type Fixture } from "./fixture.ts";

const WAYS: Readonly<Record<BoxState, readonly BoxState[]>> = {
  creating: [],
  ready: ["ready"],
  leased: ["ready", "leased"],
  destroying: ["destroying"],
  gone: ["gone"],
  unknown: ["unknown"],
};
const PAIRS = BOX_STATES.flatMap((from) => BOX_STATES.map((to) => ({ from, to })));

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

async function boxIn(state: BoxState) {
  const request = admitRequest();
  await fixture.store.leases.admit(request);
  let from: BoxState = "creating";
  for (const to of WAYS[state]) {
    await fixture.store.boxes.change(request.box.id, from, to);
    from = to;
  }
  return request.box.id;
}

describe("a box's changes", () => {
  it.each(PAIRS.filter(({ from, to }) => !BOX_CHANGES[from].includes(to)))(
    "refuses $from -> $to",
    async ({ from, to }) => {
      const id = await boxIn(from);
      await expect(fixture.store.boxes.change(id, from, to)).rejects.toMatchObject({
        code: "illegal_change",
      });
      expect(await fixture.store.boxes.get(id)).toMatchObject({ state: from });
    },
  );

  it.each(PAIRS.filter(({ from, to }) => BOX_CHANGES[from].includes(to)))(
    "makes $from -> $to once, with its event",
    async ({ from, to }) => {
      const id = await boxIn(from);
      expect(await fixture.store.boxes.change(id, from, to)).toMatchObject({ state: to });
      const events = await fixture.store.events.of("box", id, 100);
      expect(events.at(-1)).toMatchObject({ type: to, data: { from } });
      expect(await fixture.store.boxes.change(id, from, to)).toBeNull();
      expect(await fixture.store.events.of("box", id, 100)).toEqual(events);
    },
  );

  it("notes what is learned, JSON and null included", async () => {
    const id = await boxIn("ready");
    const hydrated = { fingerprint: "f", at: 5, sha: "a".repeat(40) };
    await fixture.store.boxes.note(id, { hydrated, epoch: "boot-1", unfit: "survivors" });
    expect(await fixture.store.boxes.get(id)).toMatchObject({
      hydrated,
      epoch: "boot-1",
      unfit: "survivors",
    });
    await fixture.store.boxes.note(id, { hydrated: null, unfit: null });
    expect(await fixture.store.boxes.get(id)).toMatchObject({ hydrated: null, epoch: "boot-1", unfit: null });
    await fixture.store.boxes.note(id, {});
    expect(await fixture.store.boxes.live()).toContainEqual(await fixture.store.boxes.get(id));
  });
});
