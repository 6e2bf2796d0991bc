import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "../../app/errors.ts";
import type { TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { eventFrame, outputFrame, taskFrame } from "../ssh/journal-frames.ts";
import { until } from "../servers/until.ts";
import { executeStage, unreachable } from "./execute-stage.ts";

const exit: TaskExit = { executed: true, code: 0, survivors: [], rung: "bwrap", endedAt: 5 };
const synced: TaskEvent = { e: "phase", name: "sync", at: "end", outcome: "succeeded", ms: 40 };

let stage: Awaited<ReturnType<typeof executeStage>>;
beforeEach(async () => {
  stage = await executeStage();
});
afterEach(() => stage.end());

const fails = (code: ErrorCode) => async () => {
  throw new AppError(code, `It is ${code}.`, "Look.");
};

describe("a task that is followed", () => {
  it("goes on where the last link ended, is settled first, and its log is kept once", async () => {
    const frames = [taskFrame(stage.id), outputFrame("one"), outputFrame("two")];
    stage.rounds.push(
      async (sink) => {
        await sink.append(frames.slice(0, 2), 0);
        return { lost: "the connection" };
      },
      async (sink, offset) => {
        await sink.append(frames.slice(2), offset);
        return { end: exit };
      },
    );
    expect(await stage.execute()).toEqual({ kind: "exit", exit });
    expect(stage.sent.map(({ offset }) => offset)).toEqual([0, Buffer.concat(frames.slice(0, 2)).length]);
    expect(stage.told).toEqual(["drop", "settle"]);
    expect(await stage.logs.read(stage.id, 0, 1_000)).toEqual(Buffer.concat(frames));
  });

  it("lets go of the token once the sync is over, and only once", async () => {
    stage.rounds.push(async (sink) => {
      await sink.append([taskFrame(stage.id), eventFrame(synced)], 0);
      await sink.event(synced, 1_000);
      expect(stage.usedTokens).toEqual(["ghs_one"]);
      return { end: exit };
    });
    await stage.execute({ token: "ghs_one" });
    expect(stage.usedTokens).toEqual(["ghs_one"]);
    expect(stage.sent[0]?.task.syncToken).toBe("ghs_one");
    expect((await stage.attempt()).phases.sync).toMatchObject({ ms: 40 });
  });

  it("that an earlier process began gets the new token, whose sync is not over", async () => {
    stage.rounds.push(async (sink, offset) => {
      await until(() => stage.told.includes("token ghs_two"), "the token to be sent");
      await sink.append([taskFrame(stage.id), eventFrame(synced)], offset);
      await sink.event(synced, 1_000);
      return { end: exit };
    });
    await stage.execute({ token: "ghs_two", resumed: true });
    expect(stage.told).toEqual(["settle", "token ghs_two"]);
    expect(stage.usedTokens).toEqual(["ghs_two"]);
  });

  it("is let go of at a drain: nothing is decided", async () => {
    stage.rounds.push(async () => {
      stage.drain.abort(new AppError("draining", "The App ends.", "Wait."));
      return { lost: "drain" };
    });
    await expect(stage.execute()).rejects.toMatchObject({ code: "draining" });
    expect(await stage.attempt()).toMatchObject({ state: "starting", exit: null });
  });

  it("is never sent when it was cancelled before", async () => {
    stage.cancelled.abort();
    expect(await stage.execute()).toMatchObject({
      kind: "exit",
      exit: { why: "cancelled", executed: false },
    });
    expect(stage.sent).toEqual([]);
  });
});

describe("what a task left", () => {
  it("is waited for until somebody cancels; the task then ends as what it was", async () => {
    stage.rounds.push(async () => ({ end: exit }));
    stage.seen.fetched = async ({ cancelled }) => {
      expect(cancelled.aborted).toBe(false);
      stage.cancelled.abort();
      expect(cancelled.aborted).toBe(true);
    };
    expect(await stage.execute()).toEqual({ kind: "exit", exit });
  });
});

describe("a task whose box is lost", () => {
  it.each([
    ["box_unusable", false],
    ["box_full", false],
    ["task_refused", false],
    ["box_lied", true],
    ["host_key_changed", true],
    ["task_unknown", true],
  ] as const)("%s at the first sending: the command may have run: %s", async (code, sent) => {
    stage.rounds.push(fails(code));
    expect(await stage.execute()).toEqual({ kind: "lost", message: `It is ${code}.`, sent });
  });

  it("a box without room for a task that it had taken may have run it", async () => {
    stage.rounds.push(async () => ({ lost: "the connection" }), fails("box_full"));
    expect(await stage.execute()).toMatchObject({ kind: "lost", sent: true });
  });

  it("the provider is asked: what it has no more is not waited for", async () => {
    stage.seen.describe = async () => "gone";
    stage.rounds.push(async () => ({ lost: "the connection" }));
    expect(await stage.execute()).toMatchObject({
      kind: "lost",
      sent: true,
      message: "The provider has no such box any more.",
    });
  });

  it("waits until two minutes after the deadline, tells the check so, and never longer", async () => {
    stage.seen.describe = unreachable;
    const begun = stage.clock.now();
    for (let n = 0; n < 100; n += 1) stage.rounds.push(fails("link_lost"));
    expect(await stage.execute()).toMatchObject({ kind: "lost", sent: true });
    expect(stage.clock.now() - begun).toBeGreaterThan(180_000);
    expect(stage.clock.now() - begun).toBeLessThan(200_000);
    expect(stage.notices.some((text) => text?.includes("cannot be reached since") === true)).toBe(true);
  });

  it("a full disk of the App's own says nothing about the box", async () => {
    stage.seen.describe = async () => "gone";
    stage.rounds.push(fails("disk_full"), async () => ({ end: exit }));
    expect(await stage.execute()).toEqual({ kind: "exit", exit });
  });

  it("a defect of ours is thrown, not turned into a lost box", async () => {
    stage.rounds.push(fails("internal"));
    await expect(stage.execute()).rejects.toMatchObject({ code: "internal" });
  });
});
