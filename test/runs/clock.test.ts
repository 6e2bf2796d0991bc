import { afterEach, expect, test, vi } from "vitest";
import { createSystemClock } from "../../app/clock.ts";

afterEach(() => void vi.useRealTimers());

test("a machine's clock that is set back stands still for the App until real time catches up", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const clock = createSystemClock();
  vi.setSystemTime(1_800_000_000_000);
  expect(clock.now()).toBe(1_800_000_000_000);
  vi.setSystemTime(1_800_000_000_000 - 3_600_000);
  expect(clock.now()).toBe(1_800_000_000_000);
  vi.setSystemTime(1_800_000_000_001);
  expect(clock.now()).toBe(1_800_000_000_001);
});
