import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import type { JobPlan } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { dockerMissing, startDocker } from "../../servers/docker.ts";
import { type Bench, openBench } from "./local-host.ts";
import { carried, composite, planOf, run, uses } from "./plans.ts";

const missing = dockerMissing();

let benches: Bench[] = [];

afterEach(() => {
  for (const bench of benches) bench.remove();
  benches = [];
});

async function open(): Promise<{ bench: Bench; base: string }> {
  const server = await startDocker();
  const bench = openBench({ docker: { argv: ["docker", "-H", `unix://${server.socketPath}`] } });
  benches.push(bench);
  return { bench, base: server.base };
}

const inside = (image: string): Pick<JobPlan, "container"> => ({
  container: { image, env: { FROM_JOB: "${{ github.job }}" }, ports: [], volumes: [] },
});

describe.skipIf(missing !== null)(`Docker (${missing ?? "a real daemon"})`, () => {
  it("runs all kinds of steps in the job's container, which see each other's files and settings", async () => {
    const { bench, base } = await open();
    mkdirSync(join(bench.host.places.actions, "js"));
    writeFileSync(
      join(bench.host.places.actions, "js", "main.js"),
      'const fs = require("node:fs"); fs.appendFileSync(process.env.GITHUB_ENV, "JS=" + process.cwd() + "\\n"); console.log("::warning file=" + process.cwd() + "/a.ts::w")',
    );
    const js = carried("octo/js", "js", { runs: { using: "node24", main: "main.js" } });
    const both = carried("octo/both", "js", {
      runs: composite([
        run("echo $FROM_JOB ${{ job.container.id != '' }} ${{ github.workspace }}", { shell: "sh" }),
      ]),
    });
    const result = await runJob(
      planOf(
        [
          run("echo made > file; echo o=1 >> $GITHUB_OUTPUT; echo $PWD", { id: "a" }),
          uses("js"),
          uses("both"),
          run("cat file; echo $JS ${{ steps.a.outputs.o }}; exit 3", {
            workingDirectory: "${{ github.workspace }}",
          }),
        ],
        { actions: { js, both }, ...inside(base) },
      ),
      bench.host,
    );
    expect(bench.log(3)).toBe("/__w/repo/repo\n");
    expect(bench.log(5)).toBe("build true /__w/repo/repo\n");
    expect(bench.log(6)).toBe("made\n/__w/repo/repo 1\nError: Process completed with exit code 3.\n");
    expect(bench.events).toContainEqual(
      expect.objectContaining({ e: "annotation", message: "w", path: "a.ts" }),
    );
    expect(result.conclusion).toBe("failure");
    expect(result.steps.at(-1)?.name).toBe("Stop containers");
  }, 120_000);

  it("runs a Docker action with its inputs, arguments, environment, files and post", async () => {
    const { bench, base } = await open();
    const directory = join(bench.host.places.actions, "box");
    mkdirSync(directory);
    writeFileSync(
      join(directory, "run.sh"),
      '#!/bin/sh\necho "$0 $* $INPUT_WHO $OWN $STATE_s"; echo out=$1 >> "$GITHUB_OUTPUT"; echo s=kept >> "$GITHUB_STATE"\n',
      { mode: 0o755 },
    );
    writeFileSync(
      join(directory, "Dockerfile"),
      `FROM ${base}\nCOPY run.sh /run.sh\nCOPY run.sh /post.sh\nENTRYPOINT ["/run.sh"]\n`,
    );
    const box = carried("octo/box", "box", {
      inputs: { who: { required: false, default: "me" } },
      runs: {
        using: "docker",
        image: "Dockerfile",
        args: ["a b", "${{ inputs.who }}"],
        env: { OWN: "${{ inputs.who }}!" },
        postEntrypoint: "/post.sh",
      },
    });
    const result = await runJob(
      planOf([uses("box", {}, { id: "b" }), run("echo [${{ steps.b.outputs.out }}]")], { actions: { box } }),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.log(2)).toContain("/run.sh a b me me me! \n");
    expect(bench.log(3)).toBe("[a b]\n");
    expect(bench.log(4)).toContain("/post.sh a b me me me! kept\n");
  }, 120_000);
});
