import { describe, expect, test } from "vitest";
import { AppError } from "../../app/errors.ts";
import { MINUTE_MS, openPacedStage } from "./paced.ts";

describe("order", () => {
  test("results go before reactions before progress, and progress leaves room for results", async () => {
    const { clock, done, write } = openPacedStage({ concurrency: 1 });
    for (let n = 0; n < 30; n += 1) void write("progress", { priority: "progress" });
    void write("reaction", { priority: "reaction" });
    void write("result");
    await clock.advance(0);
    // The first was under way before the others came; 70 of 100 points are progress's share.
    expect(done.slice(0, 3)).toEqual(["progress", "result", "reaction"]);
    expect(done).toHaveLength(14);
    void write("late result");
    await clock.advance(0);
    expect(done.at(-1)).toBe("late result");
  });

  test("of waiting writes to the same thing only the newest goes", async () => {
    const { clock, pacer, done, write } = openPacedStage({ concurrency: 1 });
    pacer.pause(1, 1_000);
    const results = ["a", "b", "c"].map((name) => write(name, { key: "check:1", priority: "progress" }));
    const other = write("x", { key: "check:2", priority: "progress" });
    await clock.advance(1_000);
    expect((await Promise.all(results)).map((result) => result.kind)).toEqual([
      "superseded",
      "superseded",
      "written",
    ]);
    await expect(other).resolves.toEqual({ kind: "written", value: "x" });
    expect(done).toEqual(["c", "x"]);
  });

  test("two writes to the same thing are never under way together", async () => {
    const { clock, done, write } = openPacedStage();
    const first = Promise.withResolvers<string>();
    const one = write("one", { key: "check:1", run: () => first.promise });
    void write("two", { key: "check:1" });
    await clock.advance(0);
    expect(done).toEqual([]);
    first.resolve("one");
    await one;
    await clock.advance(0);
    expect(done).toEqual(["two"]);
  });
});

describe("GitHub's own limits", () => {
  const limited = (waitMs: number | null) =>
    new AppError("github_limited", "slow down", "wait", { waitMs, response: null });

  test("retry-after pauses that installation only, and the write is sent again", async () => {
    const { clock, done, write } = openPacedStage();
    let tries = 0;
    const run = async () => {
      tries += 1;
      if (tries === 1) throw limited(30_000);
      return "done";
    };
    const turnedAway = write("", { run });
    await clock.advance(0);
    void write("same");
    void write("other", { installationId: 2 });
    await clock.advance(29_999);
    expect(done).toEqual(["other"]);
    await clock.advance(1);
    await expect(turnedAway).resolves.toEqual({ kind: "written", value: "done" });
    expect(done).toEqual(["other", "same"]);
  });

  test("without a time the pause grows, and in the end the write is given up", async () => {
    const { clock, write } = openPacedStage();
    const times: number[] = [];
    const run = async () => {
      times.push(clock.now());
      throw limited(null);
    };
    const hopeless = write("", { run });
    const ended = expect(hopeless).rejects.toMatchObject({ code: "github_limited" });
    await clock.advance(3 * 60 * MINUTE_MS);
    await ended;
    const waits = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / MINUTE_MS);
    expect(waits).toEqual([1, 2, 4, 8, 15, 15, 15, 15, 15]);
  });

  test("news that came while a write was turned away replaces it", async () => {
    const { clock, write } = openPacedStage();
    const first = write("", { key: "check:1", run: () => Promise.reject(limited(1_000)) });
    await clock.advance(0);
    const newer = write("newer", { key: "check:1" });
    await clock.advance(1_000);
    await expect(first).resolves.toEqual({ kind: "superseded" });
    await expect(newer).resolves.toEqual({ kind: "written", value: "newer" });
  });
});

describe("bounds", () => {
  test("a full queue drops old progress for a result, and refuses more progress", async () => {
    const { clock, pacer, done, write } = openPacedStage({ maxQueued: 2 });
    pacer.pause(1, 1_000);
    const oldest = write("p1", { key: "p1", priority: "progress" });
    void write("p2", { key: "p2", priority: "progress" });
    await expect(write("p3", { key: "p3", priority: "progress" })).rejects.toMatchObject({
      code: "github_limited",
    });
    void write("result");
    await expect(oldest).resolves.toEqual({ kind: "superseded" });
    expect(pacer.depth()).toBe(2);
    await clock.advance(1_000);
    expect(done).toEqual(["result", "p2"]);
  });

  test("a write that waits can be taken back, and closing rejects the rest", async () => {
    const { clock, pacer, done, write } = openPacedStage();
    pacer.pause(1, 1_000);
    const stop = new AbortController();
    const taken = write("taken", { signal: stop.signal });
    const waiting = write("waiting");
    stop.abort(new Error("cancelled"));
    await expect(taken).rejects.toThrow("cancelled");
    pacer.close();
    await expect(waiting).rejects.toMatchObject({ code: "draining" });
    await expect(write("later")).rejects.toMatchObject({ code: "draining" });
    await clock.advance(MINUTE_MS);
    expect(done).toEqual([]);
  });
});
