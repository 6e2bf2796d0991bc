import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSystemClock } from "../../app/clock.ts";
import { createOutside } from "../../app/github/outside.ts";
import { postAnnotations } from "../../app/runs/post-annotations.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { Store } from "../../app/store/store.ts";
import type { Edge } from "../github/edge.ts";
import { openEdge } from "../github/edge.ts";
import { openPull } from "../offline-github/stage.ts";
import { attempt, run } from "../templates/sample.ts";

const clock = createSystemClock();
const output = { title: "Ended", summary: "All of it" };
const FAILURES = 70;

let edge: Edge;
let store: Store;
let checkRunId = 0;
beforeAll(async () => {
  edge = await openEdge();
  store = await openStore({ path: join(edge.stage.dir, "app.sqlite"), clock });
  const { headSha } = await openPull(edge.stage);
  const check = {
    name: "crabbox",
    headSha,
    externalId: "run_1",
    status: "completed",
    conclusion: "failure",
  } as const;
  const made = await edge.github.checkRuns.create(
    edge.repository,
    { ...check, output },
    { priority: "result" },
  );
  if (made.kind === "written") checkRunId = made.value.id;
});
afterAll(async () => {
  await store.close();
  await edge.stop();
});

const failures = Array.from({ length: FAILURES }, (_, i) => ({
  i,
  name: `t${i}`,
  message: "m",
  path: "a.txt",
  line: i + 1,
}));
const told = { ...attempt, phases: { collect: { begin: 1, failures } } };
const post = (checkRuns: Edge["github"]["checkRuns"]) =>
  postAnnotations(
    { checkRuns, changes: edge.github.changes, outside: createOutside({ outside: store.outside, clock }) },
    { run: { ...run, pullRequest: null }, attempt: told, where: edge.repository, checkRunId, output },
    new AbortController().signal,
  );
const titles = async () =>
  (await edge.stage.github.control.listAnnotations({ checkRunId })).map((one) => one["title"]);

test("fifty a call, each once, also when the process died between a call and its answer", async () => {
  const { checkRuns } = edge.github;
  let calls = 0;
  const dying: typeof checkRuns = {
    ...checkRuns,
    async annotate(...call) {
      calls += 1;
      await checkRuns.annotate(...call);
      throw new Error("killed");
    },
  };
  await expect(post(dying)).rejects.toThrow("killed");
  expect(await titles()).toHaveLength(50);
  await post(checkRuns);
  await post(checkRuns);
  expect(calls).toBe(1);
  expect(await titles()).toEqual(failures.map(({ name }) => name));
});
