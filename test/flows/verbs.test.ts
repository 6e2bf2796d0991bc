import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, READER, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { checkNamed, reactionsOf } from "./looks.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("a reader's command gets confused and nothing else", async () => {
  const id = await stage.comment("/crabbox run -- echo reader", READER);
  await until(async () => (await reactionsOf(stage, id)).includes("confused"), "the reaction");
  expect(await reactionsOf(stage, id)).toEqual(["confused"]);
  expect(await stage.checks()).toEqual([]);
  expect(await stage.sticky()).toBe("");
});

test("help and status answer in the sticky comment; noop says what would happen and runs nothing", async () => {
  const help = await stage.comment("/crabbox help");
  await until(async () => (await stage.sticky()).includes("/crabbox retry"), "the help");
  await until(async () => (await reactionsOf(stage, help)).length === 2, "both reactions");
  expect(await reactionsOf(stage, help)).toEqual(["eyes", "rocket"]);
  await stage.comment("/crabbox status");
  await until(async () => (await stage.sticky()).includes("No runs yet"), "the status");
  await stage.comment("/crabbox run --noop -- echo never");
  await until(async () => (await stage.sticky()).includes("echo never"), "what would happen");
  expect(await stage.sticky()).toContain(stage.headSha.slice(0, 10));
  expect(await stage.checks()).toEqual([]);
});

test("retry and GitHub's Re-run each make a new run of the same command and commit", async () => {
  const first = await stage.run("/crabbox run -- echo once more");
  expect(first.conclusion).toBe("success");
  const second = await stage.run("/crabbox retry");
  await stage.github.control.rerequestCheckRun({ checkRunId: second.id, login: WRITER });
  const all = await until(async () => {
    const named = (await stage.checks()).filter(({ name }) => name === first.name);
    return named.length === 3 && named.every(({ status }) => status === "completed") ? named : null;
  }, "three check runs of the command");
  expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(3);
  for (const check of all) {
    expect(check).toMatchObject({ conclusion: "success", headSha: stage.headSha });
    expect(check.output.text).toContain("once more");
  }
  expect(all[1]?.output.summary).toContain(`a retry of \`${first.externalId}\``);
  expect(all[2]?.output.summary).toContain(`a retry of \`${second.externalId}\``);
});

test("cancel ends a run at work, and the next one runs", async () => {
  await stage.comment("/crabbox run -- sleep 300");
  await checkNamed(stage, "sleep 300", "in_progress");
  await stage.comment("/crabbox cancel");
  const check = await checkNamed(stage, "sleep 300", "completed");
  expect(check.conclusion).toBe("cancelled");
  expect(check.output.summary).toContain(`Cancelled by ${WRITER}`);
  expect((await stage.run("/crabbox run -- echo after cancel")).conclusion).toBe("success");
});

test("a run that has ended cannot be cancelled, an unknown one is not found", async () => {
  const ended = (await stage.checks()).find(({ name }) => name.includes("once more"));
  await stage.comment(`/crabbox cancel ${ended?.externalId ?? ""}`);
  await until(async () => (await stage.sticky()).includes("has already ended"), "the answer");
  const id = await stage.comment("/crabbox cancel run_000000000000");
  await until(async () => (await reactionsOf(stage, id)).includes("confused"), "the reaction");
});

test("stop ends the lease and its run, a run after it takes a new box", async () => {
  await stage.comment("/crabbox run -- sleep 301");
  await checkNamed(stage, "sleep 301", "in_progress");
  await stage.comment("/crabbox stop");
  const check = await checkNamed(stage, "sleep 301", "completed");
  expect(check.conclusion).toBe("cancelled");
  const next = await stage.run("/crabbox run -- echo after stop");
  expect(next.conclusion).toBe("success");
  expect(next.output.summary).toMatch(/type [^|]*, new|, new \|/);
});
