import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billed, monthStart, split, worstCase } from "../../app/costs/price.ts";
import type { Price } from "../../providers/provider.ts";

const hourly = (microUsdPerHour: number, billingStepSeconds: number, minimumSeconds: number): Price => ({
  type: "t1",
  microUsdPerHour,
  original: { amount: "1", currency: "USD", rateToUsd: "1" },
  billingStepSeconds,
  minimumSeconds,
  source: "test",
  date: "2026-11-01",
});

describe("billed", () => {
  it.each([
    ["a second by the second", hourly(3_600_000, 1, 0), 1_000, 1_000],
    ["one millisecond is a started second", hourly(3_600_000, 1, 0), 1, 1_000],
    ["the minimum", hourly(3_600_000, 1, 60), 1_000, 60_000],
    ["a started hour", hourly(36_000, 3600, 0), 3_600_001, 72_000],
    ["nothing costs nothing", hourly(0, 3600, 3600), 99_999_999, 0],
    ["a clock set back is no refund", hourly(3_600_000, 1, 0), -5_000, 0],
  ])("%s", (_name, price, durationMs, expected) => {
    expect(billed(price, durationMs)).toBe(expected);
  });

  it("never falls with time and never bills less than the time used", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000_000 }),
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (rate, step, a, b) => {
          const price = hourly(rate, step, 0);
          const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
          expect(billed(price, longer)).toBeGreaterThanOrEqual(billed(price, shorter));
          expect(billed(price, longer)).toBeGreaterThanOrEqual(Math.floor((rate * longer) / 3_600_000));
        },
      ),
    );
  });
});

describe("worstCase", () => {
  it("takes the dearest candidate for the whole ttl", () => {
    expect(worstCase([hourly(1_000_000, 1, 0), hourly(5_000_000, 1, 0)], 3_600_000)).toBe(5_000_000);
    expect(worstCase([], 3_600_000)).toBe(0);
  });
});

describe("split", () => {
  it("loses and invents nothing, whatever the shares", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 20 }),
        (total, lifeMs, durations) => {
          const { parts, rest } = split(
            total,
            lifeMs,
            durations.map((durationMs, key) => ({ key, durationMs })),
          );
          expect(parts.reduce((sum, part) => sum + part.microUsd, 0) + rest).toBe(total);
          expect(Math.min(rest, ...parts.map((part) => part.microUsd))).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it("gives each its time and idle time to the rest", () => {
    const { parts, rest } = split(1000, 100, [
      { key: "a", durationMs: 50 },
      { key: "b", durationMs: 25 },
    ]);
    expect(parts).toEqual([
      { key: "a", microUsd: 500 },
      { key: "b", microUsd: 250 },
    ]);
    expect(rest).toBe(250);
  });
});

describe("monthStart", () => {
  it("is the first moment of the month in UTC", () => {
    expect(monthStart(Date.UTC(2026, 10, 30, 23, 59))).toBe(Date.UTC(2026, 10, 1));
  });
});
