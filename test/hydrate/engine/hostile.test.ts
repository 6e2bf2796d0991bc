import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { type Bench, openBench } from "./local-host.ts";
import { carried, planOf, run, uses } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

describe("a hostile step", () => {
  it("that deletes the workspace fails those after it, clearly", async () => {
    const result = await runJob(
      planOf([
        run("rm -rf $GITHUB_WORKSPACE"),
        run("echo no"),
        run("mkdir -p $GITHUB_WORKSPACE", { if: "always()", workingDirectory: "/" }),
        run("pwd", { if: "always()" }),
      ]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual([
      "success",
      "success",
      "failure",
      "success",
      "success",
    ]);
    expect(bench.log()).toContain(`The working directory ${bench.host.places.workspace} does not exist`);
  });

  it("that closes its output or kills itself is told by its end", async () => {
    const result = await runJob(planOf([run("exec >&- 2>&-; true"), run("kill -9 $$")]), bench.host);
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "success", "failure"]);
    expect(bench.log()).toContain("exit code 137. It was ended by SIGKILL, which did not come from here.");
  });

  it("that removes the engine's own directories fails, and so do those after it, but the job ends", async () => {
    const { files, temp } = bench.host.places;
    const result = await runJob(
      planOf([run(`rm -rf ${files} ${temp}`), run("echo no", { if: "always()" })]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "success", "failure"]);
    expect(bench.log()).toMatch(/Error: ENOENT/);
  });

  it("whose program cannot be started is told so", async () => {
    const result = await runJob(
      planOf([run("x", { shell: "/none {0}" }), run("x", { if: "always()", shell: "/etc/passwd {0}" })]),
      bench.host,
    );
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).toBe(
      "Error: The shell /none was not found on the PATH.\nError: The shell /etc/passwd was not found on the PATH.\n",
    );
  });

  it("cannot put words into a script through a context, for the engine fills templates once", async () => {
    const plan = planOf([
      run("echo '${{ github.event.title }}'", { env: { T: "${{ github.event.title }}" } }),
      run('echo "$T"', { env: { T: "${{ github.event.title }}" } }),
    ]);
    const event: Yaml = { title: "${{ github.token }}" };
    const contexts = { ...plan.contexts, github: { ...plan.contexts.github, event } };
    await runJob({ ...plan, contexts }, bench.host);
    expect(bench.log()).toBe("${{ github.token }}\n${{ github.token }}\n");
  });

  it("that floods with commands is held in bounds", async () => {
    let bytes = 0;
    const own = openBench({ log: (_, text) => void (bytes += text.length) });
    const before = process.memoryUsage().rss;
    await runJob(planOf([run("yes ::warning::careful | head -c 60000000")]), own.host);
    expect(own.events.filter(({ e }) => e === "annotation").length).toBe(10);
    expect(bytes).toBeGreaterThan(40_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 * 1024);
    own.remove();
  });

  it("that sets without end is told where it ends", async () => {
    const result = await runJob(
      planOf([
        run("yes 'A=1' | head -c 40000000 >> $GITHUB_OUTPUT", { id: "a" }),
        run("yes /x | head -c 900000 >> $GITHUB_PATH; seq 2000 | sed 's/^/::group::/'", { if: "always()" }),
        run("seq 11000 | sed 's/^/::add-mask::mask-/'", { if: "always()" }),
      ]),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "failure", "success", "failure"]);
    expect(bench.log(2)).toContain("line 100001: more than 100000 settings");
    expect(result.path).toEqual(["/x"]);
    expect(bench.events.filter(({ e }) => e === "group").length).toBe(2000);
    expect(bench.log(4)).toContain("too many masks");
    expect(bench.masks.length).toBeLessThan(10_002);
  });

  it("needs Docker where there is none: said with the reason", async () => {
    const image = {
      name: "docker://alpine",
      source: { kind: "image", image: "docker://alpine" },
      definition: null,
    } as const;
    const file = carried("octo/d", "d", {
      runs: { using: "docker", image: "Dockerfile", args: [], env: {} },
    });
    const result = await runJob(
      planOf([uses("image"), uses("file", {}, { if: "always()" })], { actions: { image, file } }),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "failure", "failure"]);
    expect(bench.log().match(/not in these tests/g)?.length).toBe(2);
  });

  it("never runs on the host when the job's container is not there", async () => {
    const result = await runJob(
      planOf([run("echo no"), run("echo no either", { if: "always()" })], {
        container: { image: "alpine", env: {}, ports: [], volumes: [] },
      }),
      bench.host,
    );
    expect(result.steps.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([
      "Set up job: success",
      "Initialize containers: failure",
      "Run echo no: skipped",
      "Run echo no either: failure",
      "Stop containers: success",
    ]);
    expect(bench.log()).not.toMatch(/^no/m);
  });
});
