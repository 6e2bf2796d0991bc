import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { carried, composite, planOf, run, uses } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

const sh = (script: string, rest = {}): ReturnType<typeof run> => run(script, { shell: "bash", ...rest });

describe("composite actions", () => {
  it("have inputs, outputs, an own steps context and their path", async () => {
    const outer = carried("octo/outer", "outer", {
      inputs: { who: { required: false, default: "${{ github.actor }}" } },
      outputs: { said: { value: "${{ steps.a.outputs.x }}-${{ inputs.who }}" } },
      runs: composite([
        sh("echo x=1 >> $GITHUB_OUTPUT; echo ${{ github.action_path }} $GITHUB_ACTION_PATH $GITHUB_ACTION", {
          id: "a",
        }),
        sh("echo [${{ steps.before.outcome }}] ${{ steps.a.outcome }} ${{ inputs.WHO }} $INPUT_WHO"),
      ]),
    });
    const result = await runJob(
      planOf(
        [
          run("true", { id: "before" }),
          uses("outer", {}, { id: "o" }),
          run("echo ${{ steps.o.outputs.said }} [${{ steps.a.outcome }}]"),
        ],
        {
          actions: { outer },
        },
      ),
      bench.host,
    );
    const path = join(bench.host.places.actions, "outer");
    expect(bench.log()).toBe(`${path} ${path} o\n[] success octocat\n1-octocat []\n`);
    expect({ ...result.steps[2]?.outputs }).toEqual({ said: "1-octocat" });
    expect(result.steps.length).toBe(4);
  });

  it("fail with what fails in them; conditions inside go by how the action stands", async () => {
    const outer = carried("octo/outer", "outer", {
      runs: composite([
        sh("exit 1", { continueOnError: true, id: "soft" }),
        sh("echo ${{ steps.soft.outcome }} ${{ steps.soft.conclusion }}", { if: "success()" }),
        sh("exit 4"),
        sh("echo never"),
        sh("echo failed ${{ job.status }}", { if: "failure()" }),
      ]),
    });
    const result = await runJob(
      planOf([run("exit 1"), uses("outer", {}, { if: "always()" })], { actions: { outer } }),
      bench.host,
    );
    expect(bench.log(3)).toBe(
      "Error: Process completed with exit code 1.\nfailure success\nError: Process completed with exit code 4.\nfailed failure\n",
    );
    expect(result.steps[2]?.outcome).toBe("failure");
  });

  it("nest, with env from above, and env set inside is there at once and later", async () => {
    const inner = carried("octo/inner", "inner", {
      inputs: { n: { required: false } },
      outputs: { twice: { value: "${{ inputs.n }}${{ inputs.n }}" } },
      runs: composite([
        sh(
          "echo inner $STEP $JOB $OWN; echo SET=1 >> $GITHUB_ENV; echo JOB=new >> $GITHUB_ENV; echo STEP=lost >> $GITHUB_ENV",
        ),
      ]),
    });
    const outer = carried("octo/outer", "outer", {
      runs: composite([
        uses("inner", { n: "${{ github.run_id }}" }, { id: "i", env: { OWN: "own" } }),
        sh("echo $SET $JOB $STEP [$OWN] ${{ steps.i.outputs.twice }}"),
      ]),
    });
    await runJob(
      planOf([uses("outer", {}, { env: { STEP: "step" } }), run("echo $SET $JOB $STEP")], {
        actions: { inner, outer },
        env: [{ JOB: "job" }],
      }),
      bench.host,
    );
    expect(bench.log()).toBe("inner step job own\n1 new step [] 77\n1 new lost\n");
  });

  it("run pres and posts of what is in them, in reverse, with their state", async () => {
    const { actions } = bench.host.places;
    mkdirSync(join(actions, "js"));
    for (const name of ["pre", "main", "post"])
      writeFileSync(
        join(actions, "js", `${name}.js`),
        `console.log("${name} " + process.env.INPUT_N + " " + (process.env.STATE_s || "")); require("node:fs").appendFileSync(process.env.GITHUB_STATE, "s=" + process.env.INPUT_N + "\\n")`,
      );
    const js = carried("octo/js", "js", {
      inputs: { n: { required: false } },
      runs: { using: "node24", pre: "pre.js", main: "main.js", post: "post.js" },
    });
    const inner = carried("octo/inner", "inner", { runs: composite([uses("js", { n: "3" })]) });
    const outer = carried("octo/outer", "outer", {
      runs: composite([
        uses("js", { n: "1" }),
        uses("js", { n: "2" }, { if: "false" }),
        uses("inner"),
        sh("exit 1"),
      ]),
    });
    const result = await runJob(planOf([uses("outer")], { actions: { js, inner, outer } }), bench.host);
    expect(bench.log()).toBe(
      "pre 1 \npre 2 \npre 3 \nmain 1 1\nmain 3 3\nError: Process completed with exit code 1.\npost 3 3\npost 2 2\npost 1 1\n",
    );
    expect(result.steps.map(({ stage, conclusion }) => `${stage} ${conclusion}`)).toEqual([
      "setup success",
      "pre success",
      "main failure",
      "post success",
    ]);
  });

  it("that use themselves end at GitHub's depth, and say so", async () => {
    const loop = carried("octo/loop", "loop", { runs: composite([uses("loop")]) });
    const result = await runJob(planOf([uses("loop")], { actions: { loop } }), bench.host);
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).toContain("nested more than 9 deep");
  });

  it("see neither secrets nor the job's defaults", async () => {
    const outer = carried("octo/outer", "outer", {
      runs: composite([run("echo [${{ secrets.HUSH }}]", { shell: "sh" })]),
    });
    const plan = planOf([uses("outer")], {
      actions: { outer },
      defaults: { shell: "none {0}", workingDirectory: "/none" },
    });
    const contexts = { ...plan.contexts, secrets: { HUSH: "hush" } };
    const result = await runJob({ ...plan, contexts }, bench.host);
    expect(bench.log()).not.toContain("hush");
    expect(result.conclusion).toBe("failure");
  });

  it("of the own repository that were carried are local all the same", async () => {
    const { actions } = bench.host.places;
    mkdirSync(join(actions, "own/.github/act"), { recursive: true });
    writeFileSync(
      join(actions, "own/.github/act", "main.js"),
      "console.log(process.env.GITHUB_ACTION_REF === '')",
    );
    const { definition } = carried("x", "x", { runs: { using: "node24", pre: "main.js", main: "main.js" } });
    const source = { kind: "archive", archive: "own", path: ".github/act" } as const;
    const own = { name: "./.github/act", source, definition };
    await runJob(planOf([uses("own")], { actions: { own } }), bench.host);
    expect(bench.log()).toBe(
      "Warning: The `pre` of own does not run: on GitHub local actions have none either.\ntrue\n",
    );
  });

  it("that are local are read when they are reached, and keep their post when they are gone", async () => {
    const { workspace, actions } = bench.host.places;
    mkdirSync(join(actions, "js"));
    writeFileSync(join(actions, "js", "main.js"), "");
    writeFileSync(join(actions, "js", "post.js"), `console.log("post")`);
    const js = carried("octo/js", "js", { runs: { using: "node24", main: "main.js", post: "post.js" } });
    const yaml =
      "name: x\\nruns:\\n  using: composite\\n  steps:\\n    - run: echo local ${{ github.job }}\\n      shell: sh\\n    - uses: octo/js@v1\\n";
    const local = { name: "./made", source: { kind: "workspace", path: "made" }, definition: null } as const;
    const result = await runJob(
      planOf(
        [
          run(`mkdir made && printf '${yaml}' > made/action.yml`),
          uses("local"),
          run("rm -r made"),
          uses("local"),
        ],
        {
          actions: { local, js },
        },
      ),
      bench.host,
    );
    expect(bench.log()).toContain("local build\n");
    expect(bench.log()).toContain(`There is no action.yml, action.yaml or Dockerfile in ${workspace}/made`);
    expect(bench.log()).toMatch(/post\n$/);
    expect(result.steps.at(-1)?.stage).toBe("post");
  });
});
