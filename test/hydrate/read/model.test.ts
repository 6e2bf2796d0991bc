import { expect, test } from "vitest";
import { faultText } from "../../../app/hydrate/read/fault.ts";
import type { WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

const PATH = ".github/workflows/ci.yml";

function good(text: string): WorkflowModel {
  const read = readWorkflow(PATH, text);
  if ("faults" in read) throw new Error(read.faults.map(faultText).join("\n"));
  return read.workflow;
}

test("on stays text, whatever YAML version the file claims; values are as GitHub prints them", () => {
  const workflow = good(
    "%YAML 1.1\n---\non: [push, workflow_dispatch]\nenv: { A: yes, B: 1.10, C: True, D: 010, E: ~, F: 0x10, G: 1e3 }\njobs: { a: { runs-on: x, steps: [run: true] } }",
  );
  expect(workflow.events).toEqual(["push", "workflow_dispatch"]);
  expect(workflow.env).toEqual({ A: "yes", B: "1.1", C: "true", D: "10", E: "", F: "16", G: "1000" });
  expect(workflow.name).toBe(PATH);
  expect(workflow.jobs[0]).toMatchObject({ kind: "steps", steps: [{ kind: "run", run: "true" }] });
});

test("steps of every kind keep their text, their place and their templates", () => {
  const [job] = good(`on: push
jobs:
  a:
    runs-on: [self-hosted, "\${{ matrix.os }}"]
    strategy: { matrix: "\${{ fromJSON(needs.b.outputs.m) }}" }
    needs: B
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - { id: s, run: serve, background: true, shell: "bash -el {0}", working-directory: w, timeout-minutes: 3 }
      - uses: $/tools/x
        env: \${{ fromJSON('{}') }}
      - parallel: [{ run: a }, { uses: docker://alpine:3 }]
      - wait: [s]
      - cancel: s
      - wait-all:
      - { run: x, if: "!cancelled()", continue-on-error: "\${{ matrix.soft }}" }
  b: { runs-on: x, steps: [run: x], outputs: { m: "\${{ steps.x.outputs.y }}" } }
`).jobs;
  if (job?.kind !== "steps") throw new Error("no steps");
  expect(job.needs).toEqual(["b"]);
  expect(job.runsOn).toEqual(["self-hosted", "${{ matrix.os }}"]);
  expect(job.strategy).toEqual({ matrix: "${{ fromJSON(needs.b.outputs.m) }}" });
  expect(job.steps.map(({ kind }) => kind)).toEqual([
    "uses",
    "run",
    "uses",
    "parallel",
    "wait",
    "cancel",
    "wait",
    "run",
  ]);
  expect(job.steps[0]).toMatchObject({
    with: { "fetch-depth": "0" },
    place: { path: PATH, line: 8, column: 9 },
  });
  expect(job.steps[1]).toMatchObject({
    id: "s",
    background: true,
    shell: "bash -el {0}",
    workingDirectory: "w",
    timeoutMinutes: 3,
  });
  expect(job.steps[2]).toMatchObject({
    uses: "$/tools/x",
    usesPlace: { line: 11, column: 15 },
    env: "${{ fromJSON('{}') }}",
  });
  expect(job.steps[4]).toMatchObject({ ids: ["s"] });
  expect(job.steps[6]).toMatchObject({ ids: [] });
  expect(job.steps[7]).toMatchObject({ if: "!cancelled()", continueOnError: "${{ matrix.soft }}" });
});

test("containers, services, calls, concurrency and anchors", () => {
  const workflow =
    good(`on: { workflow_call: { inputs: { v: { type: string, default: x } }, secrets: { s: { required: true } }, outputs: { o: { value: "\${{ jobs.a.outputs.o }}" } } } }
concurrency: { group: g, cancel-in-progress: true, queue: max }
defaults: { run: { shell: sh } }
jobs:
  a:
    runs-on: { group: big, labels: [linux] }
    container: { image: node:20, env: &env { A: 1 }, ports: [80], credentials: { username: u, password: "\${{ secrets.P }}" } }
    services:
      db: { image: docker://postgres, env: *env, entrypoint: /e, command: -c x }
      off: "\${{ matrix.db }}"
    environment: { name: prod, url: "\${{ steps.x.outputs.url }}" }
    steps: &steps [run: one]
  b: { runs-on: x, steps: *steps }
  c: { uses: o/r/.github/workflows/w.yml@v1, with: { n: 3, t: true }, secrets: inherit }
`);
  const [a, b, c] = workflow.jobs;
  expect(workflow).toMatchObject({
    concurrency: { group: "g", cancelInProgress: true, queue: "max" },
    defaults: { shell: "sh" },
  });
  expect(workflow.call).toEqual({
    secrets: { s: { required: true } },
    outputs: { o: "${{ jobs.a.outputs.o }}" },
  });
  expect(workflow.inputs.call).toEqual({ v: { type: "string", required: false, default: "x" } });
  expect(a).toMatchObject({
    container: {
      image: "node:20",
      env: { A: "1" },
      ports: ["80"],
      credentials: { username: "u", password: "${{ secrets.P }}" },
    },
    services: {
      db: { image: "postgres", env: { A: "1" }, entrypoint: "/e", command: "-c x" },
      off: "${{ matrix.db }}",
    },
    environment: { name: "prod", url: "${{ steps.x.outputs.url }}" },
  });
  expect(b).toMatchObject({ steps: [{ kind: "run", run: "one", place: { line: 12 } }] });
  expect(c).toMatchObject({ kind: "call", with: { n: 3, t: true }, secrets: "inherit" });
});
