import { afterAll, beforeAll, expect, it } from "vitest";
import { parseTask } from "../../runner-bootstrap/boxd/parse-task.ts";
import type { Following } from "../boxd/box.ts";
import type { SyncStage } from "../boxd/sync-stage.ts";
import { openSyncStage } from "../boxd/sync-stage.ts";
import { until } from "../servers/until.ts";

let stage: SyncStage;
let sha = "";
beforeAll(async () => {
  stage = await openSyncStage();
  stage.repository.write({ "a.js": "x\n", "junit.xml": '<testsuite><testcase name="old"/></testsuite>' });
  sha = stage.repository.commit("with an old result");
});
afterAll(() => stage.close());

const told = (front: Following) =>
  front.events().filter(({ e }) => e === "results" || e === "failure" || e === "exit");

it("a command that is stopped at its deadline has its results all the same", async () => {
  const task = stage.task(
    sha,
    "echo 'TAP version 13'; echo 'not ok 1 - early'; echo '# at a.js:1'; echo there; sleep 600",
  );
  const front = stage.box.start(task);
  await until(() => front.output().includes("there"), "the command's output");
  stage.box.run(["extend", task.id], `${JSON.stringify({ deadlineAt: Date.now() })}\n`);
  await front.done;
  expect(told(front)).toMatchObject([
    { e: "failure", i: 0, name: "early", path: "a.js", line: 1 },
    { e: "results", from: "output", failed: 1, notes: [expect.stringContaining("no plan")] },
    { e: "exit", why: "timed_out" },
  ]);
});

it("a file of the commit is no result; secrets in one that the command wrote are masked", async () => {
  // Brought by an earlier task, so that it is older than the command by more than a tick of the clock.
  await stage.run(sha, "true");
  const quiet = await stage.run(sha, "true");
  expect(told(quiet)).toMatchObject([{ e: "exit", code: 0 }]);
  const line = `echo '<testsuite><testcase name="hunter22"><failure message="is hunter22"/></testcase></testsuite>' > junit.xml`;
  const front = stage.box.start({ ...stage.task(sha, line), secrets: ["hunter22"] });
  await front.done;
  expect(told(front)).toMatchObject([
    { e: "failure", name: "***", message: "is ***" },
    { e: "results", files: 1, failed: 1 },
    { e: "exit", code: 0 },
  ]);
});

it.each([[["/etc/*"]], [["a/../../b"]], [[""]], [["x".repeat(257)]], ["a"], [[1]]])(
  "the pattern %j is refused",
  (results) => {
    const task = { ...stage.task(sha, "true"), results };
    expect(parseTask(JSON.stringify(task))).toEqual({
      refused: "results: expected patterns within the work tree",
    });
  },
);
