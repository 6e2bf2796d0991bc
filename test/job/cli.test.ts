import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { openJobStage, type JobStage } from "./stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
});
afterAll(() => stage.close());

const workflow = (jobs: string) => ({ ".github/workflows/ci.yml": `on: push\njobs:\n${jobs}` });

describe("crabbox-app job", () => {
  test("wrong input is answered with what to do", async () => {
    stage.write(workflow("  a: { runs-on: ubuntu-latest, steps: [{ run: echo, use: x }] }\n"));
    const run = (...args: string[]) => stage.run(["job", "--repo", stage.repo, ...args]);
    expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining("--workflow is missing") });
    expect(await run("--workflow", "nope.yml")).toMatchObject({
      code: 1,
      err: expect.stringContaining("ci.yml"),
    });
    expect(await run("--workflow", "ci.yml")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/ci\.yml:3:\d+: .*use/u),
    });
    expect(await run("--workflow", "ci.yml", "--secret", "UNSET_NAME")).toMatchObject({ code: 2 });
    expect(await run("--help")).toMatchObject({ code: 0, out: expect.stringContaining("--github-root") });
    stage.write(workflow("  a: { runs-on: ubuntu-latest, steps: [{ run: echo }] }\n"));
    expect(await run("--workflow", "ci.yml", "--job", "b")).toMatchObject({
      code: 1,
      err: expect.stringContaining('no job "b"'),
    });
    expect(await run("--workflow", "ci.yml", "--input", "x=y")).toMatchObject({
      code: 1,
      err: expect.stringContaining('no input "x"'),
    });
    stage.write(workflow("  a: { runs-on: ubuntu-latest, steps: [{ uses: acme/none@v1 }] }\n"));
    expect(await run("--workflow", "ci.yml")).toMatchObject({
      code: 1,
      out: expect.stringContaining("acme/none@v1"),
    });
  });

  test("Ctrl-C cancels: steps with always() run, nothing is left", async () => {
    stage.write(
      workflow(`  long:
    runs-on: ubuntu-latest
    steps:
      - run: echo begun; (setsid sleep 601 &); sleep 600
      - { if: cancelled(), run: echo cleaned up }
`),
    );
    const child = stage.start(["job", "--repo", stage.repo, "--workflow", "ci.yml"]);
    let out = "";
    child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    await until(() => /^begun$/mu.test(out), "the step to begin");
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(1);
    expect(out).toContain("Ctrl-C again ends all at once");
    expect(out).toContain("cleaned up");
    expect(readdirSync(stage.dir).filter((name) => name.startsWith("crabbox-job-"))).toEqual([]);
    const left = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    expect(left).not.toMatch(/^sleep 60[01]$/mu);
  });
});

describe("crabbox-app explain", () => {
  test("says which job prepares a box, where its steps end, and what is missing", async () => {
    stage.mirror("acme/setup", {
      "action.yml": "name: s\nruns: { using: node24, main: x.js }\n",
      "x.js": "",
    });
    stage.write(
      workflow(`  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: acme/setup@v1
      - run: npm ci
      - run: npm test
      - uses: acme/upload@v3
`),
    );
    const { code, out } = await stage.run(["explain", "--repo", stage.repo, "--json"]);
    const { kind, job, explanation } = JSON.parse(out) as {
      kind: string;
      job: string;
      explanation: {
        jobs: readonly { steps: readonly { uses: string | null; state: string; sha: string | null }[] }[];
      };
    };
    expect({ code, kind, job }).toEqual({ code: 0, kind: "explained", job: "ci" });
    const steps = explanation.jobs[0]?.steps ?? [];
    expect(steps.map(({ state }) => state)).toEqual(["answered", "runs", "runs", "skipped", "skipped"]);
    expect(steps[1]?.sha).toMatch(/^[0-9a-f]{40}$/u);
    const people = await stage.run(["explain", "--repo", stage.repo]);
    expect(people.out).toContain("npm test");
    expect(people.out).toContain("acme/setup@v1");
  });

  test("a workflow that cannot be read is told with its place, and takes no part", async () => {
    stage.write({ ".github/workflows/broken.yml": "on: push\njobs: [\n" });
    const { out, err } = await stage.run(["explain", "--repo", stage.repo]);
    expect(err).toMatch(/broken\.yml:\d+:\d+:/u);
    expect(out).toContain("ci.yml, job ci");
    stage.write({
      ".github/workflows/broken.yml": "on: push\njobs: { z: { runs-on: x, steps: [{ run: ls }] } }\n",
    });
  });

  test("behind a call: the job there that prepares a box, cut, and why none does", async () => {
    const steps = "runs-on: ubuntu-latest\n    steps: [{ run: npm ci }, { run: npm test }]\n";
    const called = (jobs: string): Record<string, string> => ({
      ".github/workflows/called.yml": `on: workflow_call\njobs:\n${jobs}`,
      ".github/workflows/calls.yml":
        "on: push\njobs:\n  hydrate:\n    uses: ./.github/workflows/called.yml\n",
    });
    const ask = () => stage.run(["explain", "--repo", stage.repo, "--workflow", "calls.yml"]);
    stage.write(called(`  prepare:\n    ${steps}`));
    const { out } = await ask();
    expect(out).toContain("Job hydrate / prepare runs");
    expect(out).toMatch(/^ +1 +Run npm ci +run +runs$/mu);
    expect(out).toMatch(/^ +2 +Run npm test +run +skipped/mu);
    stage.write(
      called("  a: { runs-on: x, steps: [{ run: ls }] }\n  b: { runs-on: x, steps: [{ run: ls }] }\n"),
    );
    expect((await ask()).out).toContain("has several jobs (`a`, `b`)");
    for (const path of Object.keys(called(""))) rmSync(join(stage.repo, path));
  });

  test("wrong arguments, an unknown job, a step that is not there", async () => {
    const run = (...args: string[]) => stage.run(["explain", "--repo", stage.repo, ...args]);
    expect(await run("--all", "--before", "x")).toMatchObject({ code: 2 });
    expect(await run("--nope")).toMatchObject({ code: 2, err: expect.stringContaining("Usage") });
    expect(await run("--job", "nope")).toMatchObject({ code: 1, out: expect.stringContaining("nope") });
    expect(await run("--job", "ci", "--before", "nope")).toMatchObject({
      code: 1,
      out: expect.stringContaining("nope"),
    });
  });
});
