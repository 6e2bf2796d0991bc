import { afterEach, beforeEach, expect, it } from "vitest";
import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { AppError } from "../../app/errors.ts";
import { planOf } from "../hydrate/engine/plans.ts";
import { taskFrame } from "../ssh/journal-frames.ts";
import { executeStage } from "./execute-stage.ts";

const exit: TaskExit = { executed: true, code: 0, survivors: [], rung: "bwrap", endedAt: 5 };
const ARCHIVES = ["1", "2"].map((digit) => ({
  archive: `acme+tool${digit}`,
  sha256: digit.repeat(64),
  sizeBytes: 3,
}));
const BLOBS = ARCHIVES.map(({ sha256 }) => `blob ${sha256}`);
const hydrate = { plan: null, archives: ARCHIVES, fingerprint: "f" };

let stage: Awaited<ReturnType<typeof executeStage>>;
beforeEach(async () => {
  stage = await executeStage();
});
afterEach(() => stage.end());

it("brings the actions to the box before the task", async () => {
  stage.rounds.push(async () => {
    expect(stage.told).toEqual(BLOBS);
    return { end: exit };
  });
  expect(await stage.execute({ task: { ...stage.task, hydrate } })).toEqual({ kind: "exit", exit });
});

it("brings them again only where the task never came to the box", async () => {
  const task = { ...stage.task, hydrate };
  stage.settled.push("running", "absent");
  stage.rounds.push(
    async () => ({ lost: "the connection" }),
    async (sink) => {
      await sink.append([taskFrame(stage.id)], 0);
      return { lost: "the connection" };
    },
    async () => ({ end: exit }),
  );
  await stage.execute({ task });
  expect(stage.told).toEqual([...BLOBS, "drop", "settle", "drop", "settle", ...BLOBS]);
});

it("gives the attempt up, as never sent, when the App has an action no more", async () => {
  stage.gone.push(new AppError("task_refused", "The copy is not there any more.", "Again."));
  expect(await stage.execute({ task: { ...stage.task, hydrate } })).toEqual({
    kind: "lost",
    message: "The copy is not there any more.",
    sent: false,
  });
  expect(stage.sent).toEqual([]);
});

it("brings the Node of JavaScript actions where one is run, not for a checkout that the sync answers", async () => {
  const [carried] = ARCHIVES;
  if (carried === undefined) throw new Error("no archive");
  const action = (archive: string) => ({
    name: "t",
    source: { kind: "archive" as const, archive, path: "" },
    definition: { name: "t", inputs: {}, outputs: {}, runs: { using: "node24" as const, main: "i.js" } },
  });
  const plan = (archive: string) => planOf([], { actions: { a: action(archive) } });
  for (const [archive, told] of [
    ["actions+checkout", [...BLOBS]],
    [carried.archive, ["node 24", ...BLOBS]],
  ] as const) {
    stage.told.length = 0;
    stage.rounds.push(async () => ({ end: exit }));
    await stage.execute({ task: { ...stage.task, hydrate: { ...hydrate, plan: plan(archive) } } });
    expect(stage.told).toEqual(told);
  }
});
