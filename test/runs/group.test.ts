import { afterEach, beforeEach, expect, test } from "vitest";
import { endPrevious, waitsFor } from "../../app/runs/group.ts";
import type { RunGroup } from "../../app/runs/run.ts";
import type { Run } from "../../app/store/rows.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

let count = 0;
async function made(group: RunGroup | undefined, change: Partial<Run> = {}): Promise<Run> {
  count += 1;
  const plain = newRun();
  const options = { ...plain.options, ...(group === undefined ? {} : { group }) };
  const wanted = {
    ...plain,
    sourceKey: `group:${count}`,
    pullRequest: 5,
    checkName: "crabbox / unit",
    ...change,
    options,
  };
  return (await fixture.store.runs.create(wanted)).run;
}

const QUEUE: RunGroup = { mode: "queue", max: 1 };

test("the oldest starts, the next one waits for it, and only for its own check and pull request", async () => {
  const first = await made(QUEUE);
  const second = await made(QUEUE);
  await made(QUEUE, { checkName: "crabbox / other" });
  const elsewhere = await made(QUEUE, { pullRequest: 6 });
  const heedless = await made(undefined);
  expect(await waitsFor(fixture, first)).toBeNull();
  expect((await waitsFor(fixture, second))?.id).toBe(first.id);
  expect(await waitsFor(fixture, elsewhere)).toBeNull();
  expect(await waitsFor(fixture, heedless)).toBeNull();
  await fixture.store.runs.change(first.id, "queued", "reporting", { outcome: "succeeded" });
  expect(await waitsFor(fixture, second)).toBeNull();
});

test("as many as the file says are at work at once", async () => {
  const group: RunGroup = { mode: "queue", max: 2 };
  const runs = [await made(group), await made(group), await made(group)];
  const waiting = await Promise.all(runs.map(async (run) => (await waitsFor(fixture, run)) !== null));
  expect(waiting).toEqual([false, false, true]);
});

test("older ones are asked to end, by the newer's cause, once; newer ones never", async () => {
  const group: RunGroup = { mode: "cancel-previous", max: 2 };
  const [first, second, third] = [await made(group), await made(group), await made(group)];
  const asked: string[] = [];
  const deps = {
    store: fixture.store,
    async cancelRun(run: Run, request: { readonly outcome: string; readonly cause?: string }) {
      asked.push(`${run.id} ${request.outcome} ${request.cause}`);
      return true;
    },
  };
  expect(await endPrevious(deps, third)).toBe(1);
  expect(asked).toEqual([`${first.id} superseded ${third.sourceKey}`]);
  expect(await endPrevious(deps, second)).toBe(0);
  expect(await endPrevious(deps, { ...third, options: { ...third.options, group: QUEUE } })).toBe(0);
});
