import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logOf, openJobStage, resultOf, type JobStage } from "./stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  stage.mirror("acme/greet", {
    "action.yml":
      "name: greet\ninputs: { who: { default: '${{ github.actor }}' } }\noutputs: { said: { description: d } }\n" +
      "runs: { using: node20, main: main.js, post: post.js }\n",
    "main.js":
      "const fs = require('node:fs'); console.log('hello ' + process.env.INPUT_WHO);" +
      "fs.appendFileSync(process.env.GITHUB_OUTPUT, 'said=hello ' + process.env.INPUT_WHO + '\\n');",
    "post.js": "console.log('goodbye from post');",
  });
});
afterAll(() => stage.close());

const workflow = (jobs: string, on = "push") => ({ ".github/workflows/ci.yml": `on: ${on}\njobs:\n${jobs}` });

describe("crabbox-app job", () => {
  test("jobs in the order of their needs, with outputs, matrices and actions from mirrors", async () => {
    stage.write(
      workflow(`  use:
    needs: make
    runs-on: ubuntu-latest
    steps:
      - run: echo "got \${{ needs.make.outputs.word }}"
  make:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2] } }
    outputs: { word: "\${{ steps.greet.outputs.said }} \${{ matrix.n }}" }
    steps:
      - uses: actions/checkout@v4
      - { id: greet, uses: acme/greet@v1, with: { who: you } }
`),
    );
    stage.mirror("actions/checkout", {
      "action.yml": "name: c\nruns: { using: node20, main: x.js }\n",
      "x.js": "process.exit(1)",
    });
    const { code, lines } = await stage.json(["--workflow", "ci.yml"]);
    expect(code).toBe(0);
    expect(lines.filter(({ type }) => type === "job").map(({ job, matrix }) => [job, matrix])).toEqual([
      ["make", { n: 1 }],
      ["make", { n: 2 }],
      ["use", {}],
    ]);
    expect(logOf(lines)).toContain("got hello you 2");
    expect(logOf(lines)).toContain("goodbye from post");
    const step = resultOf(lines, "make").steps.find(({ id }) => id === "greet");
    expect(step).toMatchObject({ outcome: "success", conclusion: "success", outputs: { said: "hello you" } });
    expect(step?.ms).toBeGreaterThanOrEqual(0);
  });

  test("a failing step is the exit code; what needs the job is skipped, `always()` is not", async () => {
    stage.write(
      workflow(`  bad:
    runs-on: ubuntu-latest
    steps:
      - { id: bad, run: exit 7 }
      - { id: after, run: echo after }
      - { id: end, if: always(), run: echo cleaned }
  next: { needs: bad, runs-on: ubuntu-latest, steps: [{ run: echo next }] }
  last: { needs: bad, if: "\${{ always() }}", runs-on: ubuntu-latest, steps: [{ run: "echo \${{ needs.bad.result }}" }] }
`),
    );
    const { code, lines } = await stage.json(["--workflow", ".github/workflows/ci.yml"]);
    expect(code).toBe(1);
    const outcomes = resultOf(lines, "bad").steps.filter(({ id }) => id !== null);
    expect(outcomes.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["bad", "failure"],
      ["after", "skipped"],
      ["end", "success"],
    ]);
    expect(resultOf(lines, "next").conclusion).toBe("skipped");
    expect(resultOf(lines, "last").conclusion).toBe("success");
    expect(logOf(lines)).toContain("cleaned");
    expect(logOf(lines)).toContain("failure\n");
  });

  test("uncommitted files, secrets, variables, environment, inputs and the payload", async () => {
    stage.write(
      workflow(
        `  one:
    runs-on: ubuntu-latest
    steps:
      - run: |
          cat new.txt; echo "\${{ secrets.KEY }} \${{ vars.V }} $E \${{ inputs.level }} \${{ github.event.extra.deep }}"
          echo "\${{ github.repository }} $GITHUB_REF \${{ github.event_name }}"
`,
        "{ workflow_dispatch: { inputs: { level: { type: number, default: 3 } } } }",
      ),
    );
    stage.write({ "new.txt": "not committed\n", "payload.json": '{"extra":{"deep":"payload"}}' }, false);
    const { code, lines } = await stage.json(
      "--workflow ci.yml --secret KEY=verysecret --var V=variable --env E=environment --input level=5 --payload"
        .split(" ")
        .concat(join(stage.repo, "payload.json")),
    );
    expect(code).toBe(0);
    expect(logOf(lines)).toContain("not committed\n*** variable environment 5 payload\n");
    expect(logOf(lines)).toContain("acme/shop refs/heads/main workflow_dispatch");
  });

  test("a failed combination stops those behind it, which count as cancelled", async () => {
    stage.write(
      workflow(
        "  a: { runs-on: ubuntu-latest, strategy: { matrix: { n: [1, 2] } }, steps: [{ run: 'echo $GITHUB_JOB; exit 1' }] }\n",
      ),
    );
    const { code, lines } = await stage.json(["--workflow", "ci.yml"]);
    const told = lines.filter(({ type }) => type === "job");
    expect(told.map(({ matrix, conclusion }) => [matrix, conclusion])).toEqual([
      [{ n: 1 }, "failure"],
      [{ n: 2 }, "cancelled"],
    ]);
    expect(logOf(lines)).toContain("a\n");
    expect(code).toBe(1);
  });

  test("a job that may fail, and combinations that cannot run here, are told by name", async () => {
    stage.write(
      workflow(`  a:
    runs-on: \${{ matrix.os }}
    continue-on-error: true
    strategy: { matrix: { os: [windows-latest, ubuntu-latest] } }
    steps: [{ run: exit 1 }]
`),
    );
    const { code, lines } = await stage.json(["--workflow", "ci.yml"]);
    const notes = lines.filter(({ type }) => type === "note").map(({ text }) => text);
    expect([code, resultOf(lines, "a").conclusion]).toEqual([0, "failure"]);
    expect(notes).toEqual([
      expect.stringMatching(/^a \{"os":"windows-latest"\}: left out/u),
      expect.stringMatching(/^a \{"os":"ubuntu-latest"\}: it may fail/u),
    ]);
  });

  test("one job of many, one combination of many; a folder by its event", async () => {
    stage.write({
      ...workflow(`  a: { runs-on: ubuntu-latest, steps: [{ run: echo ran a }] }
  b:
    needs: a
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [x, y] } }
    steps: [{ run: "echo ran b \${{ matrix.os }}" }]
`),
      ".github/workflows/other.yml":
        "on: pull_request\njobs: { c: { runs-on: ubuntu-latest, steps: [{ run: 'echo ran c' }] } }\n",
    });
    const ran = async (...args: string[]) => {
      const { lines } = await stage.json(args);
      return [...logOf(lines).matchAll(/^ran .*$/gmu)].map(([line]) => line);
    };
    const one = ["--workflow", "ci.yml", "--job", "b", "--matrix", "os=y"];
    expect(await ran(...one)).toEqual(["ran a", "ran b y"]);
    expect(await ran(...one, "--only")).toEqual(["ran b y"]);
    expect(await ran("--workflow", ".github/workflows", "--event", "pull_request")).toEqual(["ran c"]);
    expect(await ran("--workflow", ".github/workflows", "--job", "C")).toEqual(["ran c"]);
    const folder = ["job", "--repo", stage.repo, "--workflow", ".github/workflows"];
    const nope = await stage.run([...folder, "--job", "nope"]);
    expect(nope).toMatchObject({ code: 1, err: expect.stringContaining("Their jobs: a, b, c.") });
    const none = await stage.run([...folder, "--event", "fork"]);
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('triggered by "fork"') });
  });
});
