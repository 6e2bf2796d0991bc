import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../servers/stage.ts";
import { checkNamed, outputShown } from "./looks.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

test("endless output is cancelled like anything else, and its end is shown", async () => {
  await stage.comment("/crabbox run -- yes endless");
  await outputShown(stage, "yes endless");
  await stage.comment("/crabbox cancel");
  const check = await checkNamed(stage, "yes endless", "completed");
  expect(check.conclusion).toBe("cancelled");
  expect(check.output.text).toContain("endless");
});

test("a command that leaves a daemon with the pipe behind ends when it ends", async () => {
  const check = await stage.run("/crabbox run -- (setsid sleep 600 &) ; echo gone ahead");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("gone ahead");
});

test("a command that ignores SIGTERM is ended by a cancel all the same", async () => {
  await stage.comment("/crabbox run -- trap '' TERM INT; echo deaf; while true; do sleep 1; done");
  await outputShown(stage, "trap");
  await stage.comment("/crabbox cancel");
  expect((await checkNamed(stage, "trap", "completed")).conclusion).toBe("cancelled");
});

test("a command that ends by a signal has failed, and the signal is named", async () => {
  const check = await stage.run("/crabbox run -- echo before; kill -SEGV $$");
  expect(check.conclusion).toBe("failure");
  expect(`${check.output.title}\n${check.output.summary}`).toMatch(/SIGSEGV/u);
  expect(check.output.text).toContain("before");
});

test("an exit code is shown as it was", async () => {
  const check = await stage.run("/crabbox run -- exit 42");
  expect(check.conclusion).toBe("failure");
  expect(`${check.output.title}\n${check.output.summary}`).toContain("42");
});

test("a command over its time is ended, and the limit is named", async () => {
  const check = await stage.run("/crabbox run --timeout 2s -- echo slow; sleep 300");
  expect(check.conclusion).toBe("timed_out");
  expect(check.output.text).toContain("slow");
});

test("a script below the command runs whole", async () => {
  const check = await stage.run("/crabbox run\n```sh\nfor n in 1 2 3; do\n  echo line $n\ndone\n```");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("line 3");
});
