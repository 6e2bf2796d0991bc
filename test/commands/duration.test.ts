import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration, writeDuration } from "../../app/duration.ts";
import { formatMicroUsd } from "../../app/money.ts";

describe("durations", () => {
  it.each<readonly [string, number | null]>([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["250ms", 250],
    ["0s", 0],
    ["30", null],
    ["", null],
    ["-1s", null],
    ["1.5h", null],
    ["1 h", null],
    ["9".repeat(20).concat("d"), null],
    ["1s".repeat(100), null],
  ])("%j", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it("are written so that they can be read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (ms) => {
        expect(parseDuration(writeDuration(ms))).toBe(ms);
      }),
    );
  });

  it.each([
    [80, "80 ms"],
    [7_310, "7.3 s"],
    [42_000, "42 s"],
    [185_000, "3 min 5 s"],
    [7_800_000, "2 h 10 min"],
    [273_600_000, "3 d 4 h"],
    [-5, "0 ms"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [42, "less than $0.0001"],
    [4_200, "$0.0042"],
    [12_345_678, "$12.35"],
    [-1_500_000, "-$1.50"],
  ])("%d micro-USD is %s", (microUsd, text) => {
    expect(formatMicroUsd(microUsd)).toBe(text);
  });
});
