import { expect, test } from "vitest";
import { cutSteps, type CutAsked } from "../../../app/hydrate/choose/cut.ts";
import type { StepsJob } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

type Step = Readonly<Record<string, unknown>>;

/** The job of a workflow with these steps. */
function job(...steps: readonly Step[]): StepsJob {
  const text = JSON.stringify({ on: "push", jobs: { test: { "runs-on": "x", steps } } });
  const read = readWorkflow("w.yml", text);
  const [first] = "workflow" in read ? read.workflow.jobs : [];
  if (first?.kind !== "steps") throw new Error(JSON.stringify(read));
  return first;
}

function cut(steps: readonly Step[], asked?: CutAsked) {
  const result = cutSteps(job(...steps), asked);
  if (result.kind !== "cut") throw new Error(result.message);
  return result.cut;
}

test("actions: those that test or deploy end it, uploads are left out, retries are looked into", () => {
  expect(cut([{ uses: "actions/checkout@v4" }, { uses: "cypress-io/github-action@v6" }])).toMatchObject({
    run: [0],
    at: 1,
  });
  expect(cut([{ uses: "actions/upload-artifact@v4" }, { uses: "actions/cache@v4" }])).toMatchObject({
    run: [1],
    leftOut: [{ index: 0 }],
  });
  expect(
    cut([
      { run: "a" },
      { uses: "nick-fields/retry@v3", with: { command: "npm ci" } },
      { uses: "nick-fields/retry@v3", with: { command: "npm test" } },
    ]),
  ).toMatchObject({ at: 2 });
  expect(
    cut([{ run: "a" }, { uses: "gradle/gradle-build-action@v2", with: { arguments: "check" } }]),
  ).toMatchObject({ at: 1 });
  expect(cut([{ run: "a" }, { parallel: [{ run: "b" }, { run: "npm test" }] }])).toMatchObject({ at: 1 });
});

test("a step's name counts when its command is unknown; installing for tests is no test", () => {
  expect(
    cut([
      { name: "Install test dependencies", run: "./x" },
      { name: "Run unit tests", run: "./y" },
    ]),
  ).toMatchObject({ run: [0], at: 1 });
  expect(cut([{ name: "Test ${{ matrix.a }}", run: "${{ matrix.script }}" }])).toMatchObject({ at: 0 });
});

test("a step that does more before it tests is told", () => {
  expect(cut([{ run: "npm ci\nnpm test" }]).reason).toContain("id: crabbox");
  expect(cut([{ run: "npm test\nnpm run report" }]).reason).not.toContain("id: crabbox");
});

test("a marker ends the set-up whatever the rule says, and keeps what only checks", () => {
  const steps = [{ run: "npm test" }, { run: "npm run lint" }, { id: "crabbox", run: "true" }, { run: "x" }];
  expect(cut(steps)).toMatchObject({ run: [0, 1], at: 2, leftOut: [] });
  for (const uses of [
    "acme/crabbox-app/actions/marker@v1",
    "./actions/crabbox-marker",
    "crabbox/marker@main",
  ])
    expect(cut([{ run: "npm test" }, { uses }])).toMatchObject({ run: [0], at: 1 });
});

test("the cut can be overruled by id, name, number, or left out", () => {
  const steps = [{ run: "a" }, { id: "b", run: "b" }, { name: "Third", run: "npm test" }];
  expect(cut(steps, { before: "B" })).toMatchObject({ run: [0] });
  expect(cut(steps, { before: "third" })).toMatchObject({ run: [0, 1] });
  expect(cut(steps, { before: "1" })).toMatchObject({ run: [] });
  expect(cut(steps, { all: true })).toMatchObject({ run: [0, 1, 2], at: null });
  expect(cutSteps(job(...steps), { before: "none" })).toMatchObject({
    kind: "unknown",
    hint: expect.stringContaining("step 3 (Third)") as unknown,
  });
});
