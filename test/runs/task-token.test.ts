import pino from "pino";
import { expect, it } from "vitest";
import { createTaskToken } from "../../app/runs/task-token.ts";
import { AppError } from "../../app/errors.ts";
import { createManualClock } from "../github/manual-clock.ts";

const MINUTE_MS = 60_000;

/** A token of a task whose box takes what it is given, but for the first `faults` times. */
function stage(faults = 0) {
  const clock = createManualClock();
  const told: string[] = [];
  const used: string[] = [];
  let left = faults;
  let minted = 1;
  const token = createTaskToken(
    { clock, log: pino({ level: "silent" }), syncDone: (one) => void used.push(one) },
    "ghs_1",
    async () => {
      minted += 1;
      return `ghs_${minted}`;
    },
  );
  const link = {
    async token(_id: string, one: string) {
      left -= 1;
      if (left >= 0) throw new AppError("link_lost", "The link ended.", "Wait.");
      told.push(one);
    },
  };
  return { clock, token, told, used, supply: (begun: boolean) => token.supply(link, "att_1", begun) };
}

it("a sync that outlives its token gets the next one before the hour is over", async () => {
  const { clock, token, told, used, supply } = stage();
  const stop = supply(false);
  await clock.advance(44 * MINUTE_MS);
  expect(told).toEqual([]);
  await clock.advance(MINUTE_MS);
  expect(told).toEqual(["ghs_2"]);
  await clock.advance(45 * MINUTE_MS);
  expect(told).toEqual(["ghs_2", "ghs_3"]);
  expect(token.value()).toBe("ghs_3");
  token.done();
  expect(used).toEqual(["ghs_3"]);
  await clock.advance(120 * MINUTE_MS);
  expect(told).toHaveLength(2);
  stop();
});

it("a task that had begun is given the token at once, and again when that failed", async () => {
  const { clock, told, supply, token } = stage(2);
  const stop = supply(true);
  await clock.advance(2 * MINUTE_MS);
  expect(told).toEqual(["ghs_1"]);
  stop();
  token.done();
  token.done();
  expect(token.value()).toBeNull();
});

it("over another link it goes on, the old one is left alone", async () => {
  const { clock, told, supply, token } = stage();
  supply(false)();
  const stop = supply(true);
  await clock.advance(45 * MINUTE_MS);
  expect(told).toEqual(["ghs_1", "ghs_2"]);
  stop();
  token.done();
});
