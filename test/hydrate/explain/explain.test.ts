import { describe, expect, test } from "vitest";
import { explainPlan } from "../../../app/hydrate/explain/explain.ts";
import { explanationText } from "../../../app/hydrate/explain/text.ts";
import { bare, room } from "../actions/repositories.ts";
import { compositeOf, FACTS, NODE_ACTION, planText, workflowOf } from "../plan/planning.ts";

async function explain(...args: Parameters<typeof planText>) {
  return explainPlan(await planText(...args), { facts: { ...FACTS, ...args[1]?.facts } });
}

describe("explain", () => {
  test("step by step: answered, runs, nested, skipped, depends, cannot", async () => {
    const root = room();
    const sha = bare(root, "x/set", {
      "action.yml": compositeOf("uses: x/set/in@main", "{ run: echo, shell: sh }"),
      "in/action.yml": NODE_ACTION,
    });
    const text = workflowOf(
      "uses: actions/checkout@v6",
      "uses: x/set@main",
      "{ run: make it, if: github.event_name == 'schedule' }",
      "{ run: cat x, if: steps.a.outputs.b }",
      "{ run: rm x, if: failure() }",
      "uses: ./later",
      "uses: docker://alpine",
    );
    const [job] = (await explain(text, { root })).jobs;
    expect(job?.steps.map(({ n, state, using, sha }) => [n, state, using, sha])).toEqual([
      ["1", "answered", "node24", null],
      ["2", "runs", "composite", sha],
      ["2.1", "runs", "node24", sha],
      ["2.2", "runs", null, null],
      ["3", "skipped", null, null],
      ["4", "depends", null, null],
      ["5", "depends", null, null],
      ["6", "depends", null, null],
      ["7", "runs", "image", null],
    ]);
    expect(job?.steps[4]?.reason).toBe("its condition is false: github.event_name == 'schedule'");
    expect(job?.verdict).toBe("runs");
  });

  test("an action that cannot be reached is a row with the reason below, and the verdict", async () => {
    const explanation = await explain(workflowOf("uses: x/none@v1", "run: x"));
    expect(explanation.verdict).toBe("cannot");
    expect(explanation.jobs[0]?.steps.map(({ state }) => state)).toEqual(["cannot", "runs"]);
    const text = explanationText(explanation);
    expect(text).toContain("Job a cannot run here");
    expect(text).toContain("has no repository x/none");
    expect(text).toContain("Verdict: not everything can run here.");
  });

  test("what other jobs decide is said to depend on them; secrets and variables are listed", async () => {
    const text = [
      "on: push",
      "jobs:",
      "  a: { runs-on: x, steps: [{ run: x }], outputs: { l: x } }",
      "  b:",
      "    needs: a",
      "    strategy: { matrix: { v: '${{ fromJSON(needs.a.outputs.l) }}' } }",
      "    runs-on: x",
      "    steps:",
      "      - run: x",
      "        env: { A: '${{ secrets.A }}', B: \"${{ secrets['GITHUB_TOKEN'] }}\", C: '${{ vars.C }}' }",
      "  c: { strategy: { matrix: { v: [1, 2] } }, runs-on: x, steps: [{ run: x }] }",
    ].join("\n");
    const { jobs, verdict } = await explain(text);
    expect(verdict).toBe("runs");
    expect(jobs.map((job) => [job.id, job.verdict])).toEqual([
      ["a", "runs"],
      ["b", "depends"],
      ["c", "runs"],
    ]);
    expect(jobs[1]?.secrets).toEqual([
      { name: "A", given: false },
      { name: "GITHUB_TOKEN", given: true },
    ]);
    expect(jobs[1]?.variables).toEqual([{ name: "C", given: false }]);
    expect(jobs[2]?.runs).toEqual(["c (1)", "c (2)"]);
  });

  test("a called workflow's jobs stand behind their caller", async () => {
    const own = {
      ".github/workflows/x.yml": "on: workflow_call\njobs: { i: { runs-on: x, steps: [{ run: x }] } }",
    };
    const { jobs } = await explain("on: push\njobs: { c: { uses: ./.github/workflows/x.yml } }", { own });
    expect(jobs.map(({ id, calls }) => [id, calls])).toEqual([
      ["c", "./.github/workflows/x.yml"],
      ["c / i", null],
    ]);
  });

  test("steps behind the cut are skipped with its reason", async () => {
    const plan = await planText(workflowOf("run: a", "run: b", "run: c"));
    const cut = {
      run: [0],
      leftOut: [{ index: 1, reason: "it only checks" }],
      at: 2,
      reason: "step 3 tests",
    };
    const { jobs } = explainPlan(plan, { facts: FACTS, cuts: { a: cut } });
    expect(jobs[0]?.steps.map(({ state, reason }) => [state, reason])).toEqual([
      ["runs", ""],
      ["skipped", "it only checks"],
      ["skipped", "step 3 tests"],
    ]);
  });

  test("machines that are no Linux are told beside those that are", async () => {
    const text =
      "on: push\njobs:\n  a: { strategy: { matrix: { os: [windows-2025, ubuntu-latest] } }, runs-on: '${{ matrix.os }}', steps: [{ run: x }] }";
    const explanation = await explain(text);
    expect(explanation.verdict).toBe("runs");
    expect(explanation.jobs[0]?.leftOut).toMatchObject([{ matrix: { os: "windows-2025" } }]);
    expect(explanationText(explanation)).toContain("`windows-2025` is no Linux");
  });

  test("hostile names do not reach the terminal", async () => {
    const text = explanationText(await explain(workflowOf('{ name: "\\e[2Jx\\u202e", run: x }')));
    for (const control of ["\u001b", "\u202e"]) expect(text).not.toContain(control);
  });
});
