import { describe, expect, test } from "vitest";
import { MINUTE_MS, openPacedStage } from "./paced.ts";

describe("limits", () => {
  test("content creation stays within a minute's and an hour's share", async () => {
    const { clock, done, write } = openPacedStage();
    for (let n = 0; n < 40; n += 1) void write(`c${n}`, { content: true });
    await clock.advance(0);
    expect(done).toHaveLength(10);
    await clock.advance(MINUTE_MS - 1);
    expect(done).toHaveLength(10);
    await clock.advance(1);
    expect(done).toHaveLength(20);
    await clock.advance(10 * MINUTE_MS);
    expect(done).toHaveLength(25);
    await clock.advance(60 * MINUTE_MS);
    expect(done).toHaveLength(40);
  });

  test("any minute holds at most the points, with reads counted in", async () => {
    const { clock, pacer, done, write } = openPacedStage({ contentPerMinute: 1_000, contentPerHour: 1_000 });
    for (let n = 0; n < 50; n += 1) pacer.countRead(1);
    for (let n = 0; n < 30; n += 1) void write(`w${n}`);
    await clock.advance(0);
    expect(done).toHaveLength(10);
    await clock.advance(MINUTE_MS);
    expect(done).toHaveLength(30);
  });

  test("no sliding minute is ever over the limit", async () => {
    const { clock, write } = openPacedStage();
    const times: number[] = [];
    const run = async () => {
      times.push(clock.now());
      return "";
    };
    for (let n = 0; n < 25; n += 1) {
      void write("", { content: true, run });
      await clock.advance(2_500);
    }
    await clock.advance(5 * MINUTE_MS);
    expect(times).toHaveLength(25);
    for (const at of times) {
      const inMinute = times.filter((other) => other >= at && other < at + MINUTE_MS);
      expect(inMinute.length).toBeLessThanOrEqual(10);
    }
  });

  test("installations do not share a limit", async () => {
    const { clock, done, write } = openPacedStage();
    for (let n = 0; n < 12; n += 1) void write("one", { content: true });
    void write("two", { content: true, installationId: 2 });
    await clock.advance(0);
    expect(done.filter((name) => name === "two")).toHaveLength(1);
  });
});
