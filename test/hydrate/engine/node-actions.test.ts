import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

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

function write(path: string, text: string): void {
  mkdirSync(dirname(join(bench.host.places.actions, path)), { recursive: true });
  writeFileSync(join(bench.host.places.actions, path), text);
}

/** Says where it is, and what state it finds and leaves. */
const stage = (name: string): string => `
const { appendFileSync } = require("node:fs");
console.log("${name} " + (process.env.INPUT_WHO || "-") + " seen=" + (process.env.STATE_seen || ""));
appendFileSync(process.env.GITHUB_STATE, "seen=" + (process.env.STATE_seen || "") + "${name[0]}\\n");
`;

function writeThree(archive: string): void {
  for (const name of ["pre", "main", "post"]) write(`${archive}/${name}.js`, stage(name));
}

const THREE = { using: "node24", pre: "pre.js", main: "main.js", post: "post.js" } as const;

describe("JavaScript actions", () => {
  it("run pre before all, post after all in reverse, with the state of each", async () => {
    writeThree("three");
    const action = carried("octo/three", "three", { inputs: { who: { required: false } }, runs: THREE });
    const result = await runJob(
      planOf(
        [
          run("echo first"),
          uses("octo/three@v1", { who: "a" }, { name: "A" }),
          uses("octo/three@v1", { who: "b" }),
        ],
        {
          actions: { "octo/three@v1": action },
        },
      ),
      bench.host,
    );
    expect(bench.log()).toBe(
      "pre a seen=\npre b seen=\nfirst\nmain a seen=p\nmain b seen=p\npost b seen=pm\npost a seen=pm\n",
    );
    expect(result.steps.map(({ stage, name }) => `${stage}: ${name}`)).toEqual([
      "setup: Set up job",
      "pre: Pre A",
      "pre: Pre Run octo/three@v1",
      "main: Run echo first",
      "main: A",
      "main: Run octo/three@v1",
      "post: Post Run octo/three@v1",
      "post: Post A",
    ]);
  });

  it("run posts after failures; their own failure is the job's; pre-if and post-if decide", async () => {
    writeThree("three");
    write("three/bad.js", "process.exit(2)");
    const action = carried("octo/three", "three", {
      runs: { ...THREE, preIf: "false", postIf: "success()" },
    });
    const bad = carried("octo/bad", "three", {
      runs: { using: "node24", main: "main.js", post: "bad.js", postIf: "failure()" },
    });
    const result = await runJob(
      planOf([uses("three"), uses("bad"), run("exit 1")], { actions: { three: action, bad } }),
      bench.host,
    );
    expect(result.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      "Set up job: success",
      "Pre Run three: skipped",
      "Run three: success",
      "Run bad: success",
      "Run exit 1: failure",
      "Post Run bad: failure",
      "Post Run three: skipped",
    ]);
  });

  it("have no post when they were skipped", async () => {
    writeThree("three");
    const { pre, ...runs } = THREE;
    expect(pre).toBe("pre.js");
    const action = carried("octo/three", "three", { runs });
    await runJob(planOf([uses("three", {}, { if: "false" })], { actions: { three: action } }), bench.host);
    expect(bench.log()).toBe("");
  });

  it("get inputs by the runner's names, defaults filled, null as empty; and the services", async () => {
    write(
      "env/main.js",
      `for (const [k, v] of Object.entries(process.env).sort()) if (/^(INPUT_|ACTIONS_|GITHUB_ACTION)/.test(k)) console.log(k + "=" + v);`,
    );
    const action = carried("octo/env/sub", "env", {
      inputs: {
        "two words": { required: false, default: "${{ github.repository }}" },
        "kebab-case": { required: true, default: "no" },
        nothing: { required: false },
        old: { required: false, deprecation: "use new" },
      },
      runs: { using: "node16", main: "main.js" },
    });
    await runJob(
      planOf([uses("env", { "Kebab-Case": "${{ 1 }}", extra: "x", old: "o" }, { id: "e" })], {
        actions: { env: action },
      }),
      bench.host,
    );
    expect(bench.log()).toBe(
      [
        "Warning: Input 'old' has been deprecated with message: use new",
        "Warning: Unexpected input(s) 'extra', valid inputs are ['two words', 'kebab-case', 'nothing', 'old']",
        "ACTIONS_RUNTIME_TOKEN=runtime-token",
        "GITHUB_ACTION=e",
        "GITHUB_ACTIONS=true",
        "GITHUB_ACTION_REF=v1",
        "GITHUB_ACTION_REPOSITORY=octo/env",
        "INPUT_EXTRA=x",
        "INPUT_KEBAB-CASE=1",
        "INPUT_NOTHING=",
        "INPUT_OLD=o",
        "INPUT_TWO_WORDS=octo/repo",
        "",
      ].join("\n"),
    );
    expect(bench.events).toContainEqual({
      e: "note",
      text: "octo/env asks for node16; it runs on Node 24, as all JavaScript actions here.",
    });
  });

  it("hand outputs, environment and path on", async () => {
    write(
      "set/main.js",
      `const { appendFileSync } = require("node:fs");
appendFileSync(process.env.GITHUB_OUTPUT, "a=1\\n");
appendFileSync(process.env.GITHUB_ENV, "E<<X\\n2\\nX\\n");
appendFileSync(process.env.GITHUB_PATH, "/set\\n");`,
    );
    const set = carried("octo/set", "set", { runs: { using: "node20", main: "main.js" } });
    await runJob(
      planOf([uses("set", {}, { id: "s" }), run("echo ${{ steps.s.outputs.a }} $E ${PATH%%:*}")], {
        actions: { set },
      }),
      bench.host,
    );
    expect(bench.log()).toBe("1 2 /set\n");
  });

  it("fail clearly: no file, a signal, an action that was not planned", async () => {
    write("kill/main.js", `process.kill(process.pid, "SIGKILL")`);
    const none = carried("octo/none", "kill", { runs: { using: "node24", main: "dist/index.js" } });
    const kill = carried("octo/kill", "kill", { runs: { using: "node24", main: "main.js" } });
    const result = await runJob(
      planOf(
        [
          uses("none", {}, { if: "always()" }),
          uses("kill", {}, { if: "always()" }),
          uses("octo/gone@v1", {}, { if: "always()" }),
        ],
        {
          actions: { none, kill },
        },
      ),
      bench.host,
    );
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(["success", "failure", "failure", "failure"]);
    expect(bench.log()).toContain("The action has no file dist/index.js to run as main.");
    expect(bench.log()).toContain("exit code 137. It was ended by SIGKILL");
    expect(bench.log()).toContain("octo/gone@v1 was not known when the job was planned");
  });
});
