import { describe, expect, it } from "vitest";
import type { JobAsked } from "../../app/hydrate/hydrate-asked.ts";
import type { HydratePlan } from "../../app/hydrate/hydrate-plan.ts";
import { bare } from "./actions/repositories.ts";
import { setUpRoom, workflow } from "./set-up.ts";

const CI = workflow(`on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: { n: "\${{ steps.s.outputs.n }}" }
    steps:
      - uses: acme/tool@v1
      - id: s
        run: echo n=1 >> "$GITHUB_OUTPUT"
  test:
    needs: build
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [a, b], node: [22, 24] } }
    steps:
      - run: npm ci
      - run: npm test
  alone:
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [a, b] } }
    steps: [{ run: make }]
  never:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    steps: [{ run: make }]
  windows:
    runs-on: windows-latest
    steps: [{ run: make }]
  after-windows:
    needs: windows
    runs-on: ubuntu-latest
    steps: [{ run: make }]
  called:
    uses: ./.github/workflows/reusable.yml
`);
const REUSABLE = "on: workflow_call\njobs:\n  inner:\n    runs-on: ubuntu-latest\n    steps: [{ run: x }]\n";

async function plan(job: JobAsked, ...more: readonly ReturnType<typeof workflow>[]): Promise<HydratePlan> {
  const room = setUpRoom([CI, ...more], { ".github/workflows/reusable.yml": REUSABLE });
  bare(room.root, "acme/tool", { "action.yml": "name: t\nruns: { using: node24, main: i.js }\n" }, ["v1"]);
  return room.plan({ options: { job } });
}

async function whole(job: JobAsked) {
  const had = await plan(job);
  if (had.kind !== "job") throw new Error(JSON.stringify(had));
  return had;
}

describe("a whole job", () => {
  it("goes with all its steps, behind those it needs and with what their actions are run from", async () => {
    const { phase, path, notes } = await whole({ job: "TEST", matrix: { node: "24" } });
    expect(path).toBe(".github/workflows/ci.yml");
    const { prepared, target, matrix } = phase.jobs;
    expect([target, matrix]).toEqual(["test", { node: "24" }]);
    expect(prepared.map(({ model, resolved }) => [model.id, resolved.steps.length])).toEqual([
      ["build", 2],
      ["test", 2],
    ]);
    expect(phase.archives.map(({ archive }) => archive)).toEqual([
      expect.stringMatching(/^acme\+tool\+[0-9a-f]{40}$/u),
    ]);
    expect(notes.join(" ")).toContain("`build`");
    expect(JSON.stringify(phase.jobs)).not.toContain("windows-latest");
  });

  it("goes without them when it is asked for alone", async () => {
    const { phase } = await whole({ job: "test", only: true });
    expect(phase.jobs.prepared.map(({ model }) => model.id)).toEqual(["test"]);
    expect(phase.archives).toEqual([]);
  });

  it("may call another workflow", async () => {
    const { phase } = await whole({ job: "called" });
    expect(phase.jobs.prepared[0]?.callee?.jobs.map(({ model }) => model.id)).toEqual(["inner"]);
  });

  it("whose condition is false is skipped, without a box", async () => {
    expect(await plan({ job: "never" })).toMatchObject({
      kind: "skipped",
      reason: expect.stringContaining("condition is false"),
    });
  });

  it.each([
    [{ job: "tset" }, "Did you mean `test`?"],
    [{ job: "test", workflow: "cii.yml" }, "Did you mean `ci.yml`?"],
    [{ job: "alone", matrix: { oss: "a" } }, "Did you mean `os`?"],
    [{ job: "alone", matrix: { os: "c" } }, "`a`, `b`"],
    [{ job: "test", matrix: { os: "c" } }, "`a`, `b`"],
    [{ job: "never", matrix: { os: "c" }, only: true as const }, "condition"],
    [{ job: "windows" }, "no Linux"],
    [{ job: "after-windows" }, "no Linux"],
  ])("%j is answered with what there is", async (asked, reason) => {
    expect(await plan(asked)).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it("that two workflows have is a question, unless one is named", async () => {
    const other = workflow(
      "on: push\njobs:\n  alone:\n    runs-on: x\n    steps: [{ run: y }]\n",
      ".github/workflows/z.yml",
    );
    expect(await plan({ job: "alone" }, other)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("--workflow .github/workflows/z.yml --job alone"),
    });
    expect(await plan({ job: "alone", workflow: "z" }, other)).toMatchObject({
      kind: "job",
      path: ".github/workflows/z.yml",
    });
  });

  it("of a file that cannot be read, or that is in no other, is told with the fault", async () => {
    const broken = workflow("on: push\njobs: [\n", ".github/workflows/b.yml");
    for (const asked of [{ job: "alone", workflow: "b.yml" }, { job: "lost" }])
      expect(await plan(asked, broken)).toMatchObject({
        kind: "refused",
        place: expect.stringContaining("b.yml:"),
      });
    expect(await plan({ job: "alone" }, broken)).toMatchObject({ kind: "job" });
  });

  it("that needs more than a box runs is refused", async () => {
    const many = Array.from(
      { length: 60 },
      (_nothing, n) => `  j${n}:\n    runs-on: x\n    steps: [{ run: x }]\n`,
    );
    const needs = many.map((_text, n) => `j${n}`).join(", ");
    const all = workflow(
      `on: push\njobs:\n${many.join("")}  all:\n    needs: [${needs}]\n    runs-on: x\n    steps: [{ run: x }]\n`,
      ".github/workflows/many.yml",
    );
    expect(await plan({ job: "all" }, all)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("60 other jobs"),
    });
  });
});

describe("a set-up", () => {
  const hydrate = workflow(
    "on: push\njobs:\n  first:\n    runs-on: x\n    steps: [{ run: one }]\n  hydrate:\n    needs: first\n    runs-on: ubuntu-latest\n" +
      "    strategy: { matrix: { n: [1, 2] } }\n    steps: [{ run: two }, { run: npm test }]\n",
  );
  const of = (more: object) => setUpRoom([hydrate]).plan({ options: { hydrate: { by: "name", ...more } } });

  it("that waits for others has them run first when that is asked for; another one is another hydration", async () => {
    const had = await of({ needs: true, matrix: { n: "2" } });
    if (had.kind !== "plan") throw new Error(JSON.stringify(had));
    expect(had.phase.jobs?.prepared.map(({ model, resolved }) => [model.id, resolved.steps.length])).toEqual([
      ["first", 1],
      ["hydrate", 1],
    ]);
    expect(had.phase.plan?.steps).toMatchObject([{ run: "two" }]);
    const other = await of({ needs: true });
    expect(other.kind === "plan" && other.phase.fingerprint).not.toBe(had.phase.fingerprint);
    expect(await of({ needs: true, matrix: { n: "3" } })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("`1`, `2`"),
    });
  });

  it("takes the combination that is asked for", async () => {
    const text =
      "on: push\njobs:\n  hydrate:\n    runs-on: x\n    strategy: { matrix: { n: [1, 2], m: [a, b] } }\n    steps: [{ run: x }]\n";
    const { plan } = setUpRoom([workflow(text)]);
    const had = await plan({ options: { hydrate: { by: "crabbox.yml", matrix: { N: "2" } } } });
    expect(had).toMatchObject({ kind: "plan", phase: { plan: { contexts: { matrix: { n: 2, m: "a" } } } } });
    expect(had.kind === "plan" && had.notes.join(" ")).toContain("2 combinations");
    expect(await plan({ options: { hydrate: { by: "name", matrix: { k: "2" } } } })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("`n`, `m`"),
    });
  });
});
