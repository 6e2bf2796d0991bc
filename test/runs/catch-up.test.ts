import { afterEach, beforeEach, expect, it } from "vitest";
import { catchUp } from "../../app/runs/catch-up.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { eventFrame, outputFrame, taskFrame } from "../ssh/journal-frames.ts";
import { executeStage } from "./execute-stage.ts";

let stage: Awaited<ReturnType<typeof executeStage>>;
beforeEach(async () => {
  stage = await executeStage();
});
afterEach(() => stage.end());

const begin = (name: "sync" | "execute"): TaskEvent => ({ e: "phase", name, at: "begin" });
const synced: TaskEvent = { e: "phase", name: "sync", at: "end", outcome: "succeeded", ms: 40 };

it("takes what the row lacks from the App's own copy, whole frames only", async () => {
  const { store, logs, id } = stage;
  const head = [taskFrame(id), eventFrame(begin("sync"), 1_000)];
  const rest = [eventFrame(synced, 1_040), eventFrame(begin("execute"), 1_050), outputFrame("hello")];
  await logs.append(id, 0, [...head, ...rest, outputFrame("torn").subarray(0, 18)]);
  const saved = Buffer.concat(head).length;
  await store.attempts.progress(id, {
    logBytes: saved,
    phases: { sync: { begin: 1_000 } },
    executed: false,
  });
  const wanted = {
    logBytes: saved + Buffer.concat(rest).length,
    phases: { sync: { begin: 1_000, ms: 40, outcome: "succeeded" }, execute: { begin: 1_050 } },
    executed: true,
  };
  expect(await catchUp(stage, await stage.attempt())).toMatchObject(wanted);
  expect(await stage.attempt()).toMatchObject({ ...wanted, state: "running" });
  expect(await catchUp(stage, await stage.attempt())).toEqual(await stage.attempt());
});

it("passes over an event that is none, and leaves an attempt without a copy as it is", async () => {
  const before = await stage.attempt();
  expect(await catchUp(stage, before)).toBe(before);
  await stage.logs.append(stage.id, 0, [
    taskFrame(stage.id),
    eventFrame({ e: "phase", name: "dance" }),
    eventFrame(begin("sync"), 7),
  ]);
  expect((await catchUp(stage, before)).phases).toEqual({ sync: { begin: 7 } });
});

it("an attempt goes on where its copy's last whole frame ends, with every phase in its row", async () => {
  const { logs, id } = stage;
  const whole = Buffer.concat([taskFrame(id), eventFrame(begin("sync"), 1_000), eventFrame(synced, 1_040)]);
  const next = [eventFrame(begin("execute"), 1_050), outputFrame("hello, ")];
  await logs.append(id, 0, [whole, Buffer.concat(next).subarray(0, 20)]);
  stage.rounds.push(async (sink, offset) => {
    expect(offset).toBe(whole.length);
    await sink.append(next, offset);
    await sink.event(begin("execute"), 1_050);
    return { end: { executed: true, code: 0, survivors: [], rung: "bwrap", endedAt: 1_060 } };
  });
  const attempt = await catchUp(stage, await stage.attempt());
  expect(await stage.execute({ attempt, resumed: true })).toMatchObject({ kind: "exit" });
  expect((await stage.attempt()).phases).toEqual({
    sync: { begin: 1_000, ms: 40, outcome: "succeeded" },
    execute: { begin: 1_050 },
  });
  expect(await logs.length(id)).toBe(Buffer.concat([whole, ...next]).length);
});
