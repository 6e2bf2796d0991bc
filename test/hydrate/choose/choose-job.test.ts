import { expect, test } from "vitest";
import { chooseJob, type Asked } from "../../../app/hydrate/choose/choose-job.ts";
import type { WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

const STEPS = "steps: [{ uses: actions/checkout@v4 }, { run: npm ci }, { run: npm test }]";
const TEST = `{ runs-on: ubuntu-latest, ${STEPS} }`;
const LINT = "{ runs-on: ubuntu-latest, steps: [{ uses: actions/checkout@v4 }, { run: npm run lint }] }";

function workflow(file: string, jobs: string, on = "push"): WorkflowModel {
  const read = readWorkflow(`.github/workflows/${file}`, `on: ${on}\njobs: ${jobs}`);
  if ("faults" in read) throw new Error(JSON.stringify(read.faults));
  return read.workflow;
}

function chosen(workflows: readonly WorkflowModel[], asked?: Asked): string {
  const choice = chooseJob(workflows, asked);
  if (choice.kind === "ask")
    return `ask ${choice.candidates.map(({ workflow: path, job }) => `${path.slice(18)}:${job}`).join(" ")}`;
  return choice.kind === "chosen"
    ? `${choice.workflow.path.slice(18)}:${choice.job.id}`
    : `${choice.message} ${choice.hint}`;
}

const CI = workflow("ci.yml", `{ lint: ${LINT}, test: ${TEST}, e2e: ${TEST} }`);
const LEGACY = workflow("legacy.yml", `{ test: ${TEST} }`);
const HYDRATE = workflow("box.yml", `{ hydrate: ${LINT} }`);

test("the job that is asked for, by path, file name, name and job", () => {
  expect(chosen([CI, LEGACY], { workflow: "legacy", by: "by name" })).toBe("legacy.yml:test");
  expect(chosen([CI, LEGACY], { workflow: ".github/workflows/ci.yml", job: "E2E", by: "by name" })).toBe(
    "ci.yml:e2e",
  );
  expect(chosen([CI, LEGACY], { workflow: "ci.yml", by: "by name" })).toBe("ci.yml:test");
  expect(chosen([CI, LEGACY], { job: "lint", by: "by crabbox.yml" })).toBe("ci.yml:lint");
});

test("what is not there is told with what there is", () => {
  expect(chosen([CI, LEGACY], { workflow: "cy.yml", by: "by name" })).toContain("Did you mean `ci.yml`?");
  expect(chosen([CI], { job: "tset", by: "by name" })).toContain("Did you mean `test`?");
  expect(chosen([])).toContain("no workflow");
});

test("a job named hydrate goes before every other; two of them are a question", () => {
  expect(chosen([CI, HYDRATE])).toBe("box.yml:hydrate");
  expect(chosen([HYDRATE, workflow("b.yml", `{ hydrate: ${TEST} }`)])).toBe(
    "ask box.yml:hydrate b.yml:hydrate",
  );
});

test("else the one that looks most like set-up plus test", () => {
  expect(chosen([LEGACY, CI])).toBe("ci.yml:test");
  expect(chosen([workflow("a.yml", `{ x: ${TEST}, y: ${LINT} }`)])).toBe("a.yml:x");
});

test("Windows alone, tests without set-up, and workflows nothing starts do not count", () => {
  const jobs = `{ win: { runs-on: windows-latest, ${STEPS} }, bare: { runs-on: x, steps: [{ run: npm test }] }, mixed: { runs-on: "\${{ matrix.os }}", ${STEPS} } }`;
  expect(chosen([workflow("ci.yml", jobs)])).toBe("ci.yml:mixed");
  expect(
    chosen([
      workflow(
        "a.yml",
        `{ test: ${TEST} }`,
        "schedule: [{ cron: '0 0 * * *' }]".replace(/^/u, "{ ").concat(" }"),
      ),
    ]),
  ).toBe("ask a.yml:test");
});

test("a workflow that another one calls counts", () => {
  const called = workflow("unit.yml", `{ test: ${TEST} }`, "workflow_call");
  const caller = workflow("main.yml", "{ t: { uses: ./.github/workflows/unit.yml } }");
  expect(chosen([called, caller])).toBe("unit.yml:test");
});

test("equals are a question, best first", () => {
  expect(chosen([workflow("ci.yml", `{ a: ${TEST}, b: ${TEST}, legacy: ${TEST} }`)])).toBe(
    "ask ci.yml:a ci.yml:b ci.yml:legacy",
  );
});
