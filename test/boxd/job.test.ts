import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { JobPhase } from "../../runner-bootstrap/boxd/task.ts";
import { parseTask } from "../../runner-bootstrap/boxd/parse-task.ts";
import { run } from "../hydrate/engine/plans.ts";
import { setUpRoom, workflow } from "../hydrate/set-up.ts";
import { pidsWith, until } from "./box.ts";
import { endsOf, makeHydrateStage, phaseOf, type HydrateStage } from "./hydrate-stage.ts";

/** The job of a workflow with these jobs, as the App plans it. */
async function jobOf(jobs: string, job: string): Promise<JobPhase> {
  const plan = await setUpRoom([workflow(`on: push\njobs:\n${jobs}`)]).plan({ options: { job: { job } } });
  if (plan.kind !== "job") throw new Error(JSON.stringify(plan));
  return plan.phase;
}

describe("a whole job", () => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
  });
  afterAll(async () => stage.close());

  it("counts as begun with its first step, and what was set up before no longer applies", async () => {
    const { box, task } = stage;
    const before = box.start(task({ line: "true", hydrate: phaseOf("f1", [run("true")]) }));
    await before.done;
    expect(existsSync(box.path("hydrated/o/r.json"))).toBe(true);
    const job = await jobOf(
      "  a:\n    runs-on: x\n    steps:\n      - { name: one, run: 'ls $RUNNER_TEMP; echo A=1 >> $GITHUB_ENV' }\n      - { name: two, run: 'echo [$A]' }\n",
      "a",
    );
    const front = box.start(task({ job }));
    await front.done;
    expect(front.exit()).toMatchObject({ conclusion: "success", code: 0, executed: true });
    expect(front.output()).toContain("[1]\n");
    expect(endsOf(front)).toEqual(["1 Set up job success", "2 one success", "3 two success"]);
    expect(existsSync(box.path("hydrated/o/r.json"))).toBe(false);
  });

  it("runs every combination of what it needs, its steps numbered through, and tells why it is skipped", async () => {
    const job = await jobOf(
      "  first:\n    runs-on: x\n    strategy: { matrix: { n: [1, 2] } }\n    steps: [{ name: s, run: 'test ! -e left; touch left' }]\n" +
        "  a:\n    needs: first\n    if: needs.first.result != 'success'\n    runs-on: x\n    steps: [{ run: x }]\n",
      "a",
    );
    const front = stage.box.start(stage.task({ job }));
    await front.done;
    expect(endsOf(front)).toEqual([
      "1 first (1) / Set up job success",
      "2 first (1) / s success",
      "3 first (2) / Set up job success",
      "4 first (2) / s success",
    ]);
    expect(front.exit()).toMatchObject({
      conclusion: "skipped",
      error: expect.stringContaining("condition"),
    });
    expect(front.exit()).not.toHaveProperty("job");
  });

  it("is skipped for a needed job that failed or took too long, whose step is named; one that is forgiven is none", async () => {
    const jobs = (more: string): string =>
      `  red:\n    runs-on: x\n${more}    steps: [{ name: breaks, run: 'echo ::error::it is wrong; exit 3' }]\n` +
      "  a:\n    needs: red\n    runs-on: x\n    steps: [{ run: echo it runs }]\n";
    const front = stage.box.start(stage.task({ job: await jobOf(jobs(""), "a") }));
    await front.done;
    expect(front.output()).not.toContain("it runs");
    expect(front.exit()).toMatchObject({
      conclusion: "skipped",
      job: "red",
      step: "breaks",
      error: "it is wrong",
      code: 3,
    });
    const late =
      "  red:\n    runs-on: x\n    timeout-minutes: 0.01\n    steps: [{ name: hangs, run: sleep 300 }]\n";
    const needed = `${late}  a:\n    needs: red\n    runs-on: x\n    steps: [{ run: echo it runs }]\n`;
    const third = stage.box.start(stage.task({ job: await jobOf(needed, "a") }));
    await third.done;
    expect(third.output()).not.toContain("it runs");
    expect(third.exit()).toMatchObject({ conclusion: "skipped", job: "red" });
    const forgiven = jobs("    continue-on-error: true\n");
    const second = stage.box.start(stage.task({ job: await jobOf(forgiven, "a") }));
    await second.done;
    expect(second.output()).toContain("it runs\n");
    expect(second.exit()).toMatchObject({ conclusion: "success", code: 0 });
  });

  it("tells no secret by the name of the step that failed", async () => {
    const job = await jobOf(
      "  a:\n    runs-on: x\n    steps:\n" +
        "      - { id: s, run: 'k=hunter$((20 + 2)); echo ::add-mask::$k; echo key=$k >> $GITHUB_OUTPUT' }\n" +
        "      - { name: 'Sign in as ${{ steps.s.outputs.key }}', run: 'echo ::error::not ${{ steps.s.outputs.key }}; exit 3' }\n",
      "a",
    );
    const sent = stage.task({ job });
    const front = stage.box.start(sent);
    await front.done;
    expect(front.exit()).toMatchObject({ step: "Sign in as ***", error: "not ***", code: 3 });
    const kept = ["exit", "journal"].map((file) => readFileSync(stage.box.path("tasks", sent.id, file)));
    for (const bytes of kept) expect(bytes.toString("latin1")).not.toContain("hunter22");
  });

  it("ends with its task: no further job begins", async () => {
    const job = await jobOf(
      "  first:\n    runs-on: x\n    steps: [{ run: 'echo up; exec -a held.$CRABBOX_TASK sleep 300' }]\n" +
        "  a:\n    needs: first\n    if: always()\n    runs-on: x\n    steps: [{ run: echo never }]\n",
      "a",
    );
    const sent = stage.task({ job });
    const front = stage.box.start(sent);
    await until("the step runs", () => front.output().includes("up"));
    expect(stage.box.run(["cancel", sent.id], '{"by":"someone"}\n').code).toBe(0);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", executed: true, survivors: [] });
    expect(front.output()).not.toContain("never");
    expect(pidsWith(`held.${sent.id}`)).toEqual([]);
  });

  it("whose archive is another one than it should be does not begin", async () => {
    const job = await jobOf("  a:\n    runs-on: x\n    steps: [{ run: echo never }]\n", "a");
    const archive = stage.archive("acme+tool", { "action.yml": "x" });
    const wrong = { ...archive, sizeBytes: archive.sizeBytes + 1 };
    const front = stage.box.start(stage.task({ job: { ...job, archives: [wrong] } }));
    await front.done;
    expect(front.exit()).toMatchObject({ conclusion: "failure", executed: false });
    expect(front.output()).not.toContain("never");
  });

  it("is refused beside a command, and in a form that nobody plans", async () => {
    const job = await jobOf("  a:\n    runs-on: x\n    steps: [{ run: x }]\n", "a");
    const refused = (parts: object): boolean =>
      "refused" in parseTask(JSON.stringify({ ...stage.task({}), ...parts }));
    expect(refused({ job })).toBe(false);
    const [only] = job.jobs.prepared;
    const out = { name: "t", source: { kind: "archive", archive: "../x", path: "" }, definition: null };
    const bad = { ...only, resolved: { steps: [], actions: { t: out } } };
    for (const parts of [
      { job, execute: { kind: "line", text: "x", workingDirectory: "" } },
      { job, hydrated: "f" },
      { job, sync: undefined },
      { job: { ...job, jobs: { ...job.jobs, prepared: [bad] } } },
      {
        job: {
          ...job,
          jobs: { ...job.jobs, prepared: [{ ...only, callee: { workflow: {}, jobs: [bad] } }] },
        },
      },
      { job: { ...job, jobs: { ...job.jobs, frame: null } } },
      { job: { jobs: job.jobs } },
    ])
      expect(refused(parts)).toBe(true);
  });
});
