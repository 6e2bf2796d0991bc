import { writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { PlanAction } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { carried, composite, parallel, run, uses } from "../hydrate/engine/plans.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { endsOf, makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const SETUP = "acme/setup@v1";
const MAIN = `
const { appendFileSync } = require("node:fs");
console.log("main with " + process.env.INPUT_VERSION + " of " + process.env["INPUT_NODE-VERSION"]);
appendFileSync(process.env.GITHUB_ENV, "VERSION=" + process.env.INPUT_VERSION + "\\nNOT-A-NAME=kept\\n");
appendFileSync(process.env.GITHUB_STATE, "was=" + process.pid + "\\n");
`;
const POST = `console.log("post knows " + /^\\d+$/.test(process.env.STATE_was));`;

describe("actions on the box", () => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage({
      "local/action.yml":
        "name: local\nruns:\n  using: composite\n  steps:\n    - run: echo from the workspace\n      shell: bash\n",
    });
  });
  afterAll(async () => stage.close());

  const javascript = carried("acme/setup", "setup", {
    inputs: {
      version: { required: false, default: "1" },
      "node-version": { required: false, default: "24" },
    },
    runs: { using: "node24", main: "main.js", post: "post.js" },
  });

  it("are unpacked where they stay: JavaScript with its post, composite, PATH for the command", async () => {
    const archive = stage.archive("setup", {
      "main.js": MAIN,
      "post.js": POST,
      "bin/tool": "#!/bin/sh\necho tool $VERSION\n",
    });
    const outer = carried("acme/outer", "setup", {
      runs: composite([
        run('echo "$GITHUB_ACTION_PATH/bin" >> "$GITHUB_PATH"', { shell: "bash" }),
        uses(SETUP, { version: "2" }),
      ]),
    });
    const local: PlanAction = {
      name: "./local",
      source: { kind: "workspace", path: "./local" },
      definition: null,
    };
    const actions = { [SETUP]: javascript, "acme/outer@v1": outer, "./local": local };
    const steps = [uses("acme/outer@v1", {}, { name: "outer" }), uses("./local", {}, { name: "local" })];
    const phase = phaseOf("a1", steps, { actions }, [archive]);
    const front = stage.box.start(stage.task({ line: "tool", hydrate: phase }));
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toContain("main with 2 of 24\n");
    expect(front.output()).toContain("from the workspace\n");
    expect(front.output()).toMatch(/post knows true\n[^]*tool 2\n$/);
    expect(endsOf(front)).toEqual([
      "1 Set up job success",
      "2 outer success",
      "3 local success",
      "4 Post outer success",
    ]);
    const later = stage.box.start(stage.task({ line: "tool; env | grep NOT-A-NAME", hydrated: "a1" }));
    await later.done;
    expect(later.output()).toBe("tool 2\nNOT-A-NAME=kept\n");
  });

  it("run several at once, each in its own step's log", async () => {
    // Each waits for the other: one after the other they would never end.
    const wait = (own: string, other: string): string =>
      `touch "$RUNNER_TEMP/${own}"; for i in $(seq 600); do [ -e "$RUNNER_TEMP/${other}" ] && echo met ${other} && exit 0; sleep 0.05; done; exit 1`;
    const steps = [parallel([run(wait("a", "b"), { name: "a" }), run(wait("b", "a"), { name: "b" })])];
    const front = stage.box.start(stage.task({ line: "echo done", hydrate: phaseOf("a2", steps) }));
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toContain("met a\n");
    expect(front.output()).toContain("met b\n");
  });

  it("print lines in pieces, and they come whole", async () => {
    // The blank may begin a command, so it is kept back until the line's end.
    const steps = [
      run("for i in $(seq 40); do printf ' '; sleep 0.01; echo line $i; done", { name: "pieces" }),
    ];
    const front = stage.box.start(stage.task({ line: "true", hydrate: phaseOf("a3", steps) }));
    await front.done;
    expect(front.output()).toBe(Array.from({ length: 40 }, (_, n) => ` line ${n + 1}\n`).join(""));
  });

  it.each([
    [
      "is not on the box",
      (sha256: string) => ({ sha256: sha256.replace(/^./u, (first) => (first === "0" ? "1" : "0")) }),
    ],
    ["is larger than announced", () => ({ sizeBytes: 10 })],
    ["has another hash", () => ({})],
  ])("are not run when the archive %s", async (what, change) => {
    const archive = stage.archive("changed", { "main.js": MAIN });
    const blob = stage.box.path("blobs", archive.sha256);
    if (what === "has another hash") {
      const other = stage.archive("other", { "main.js": 'console.log("never")' });
      writeFileSync(
        blob,
        await import("node:fs").then(({ readFileSync }) =>
          readFileSync(stage.box.path("blobs", other.sha256)),
        ),
      );
    }
    const action = { ...javascript, source: { kind: "archive", archive: "changed", path: "" } } as const;
    const phase = phaseOf("a3", [uses(SETUP)], { actions: { [SETUP]: action } }, [
      { ...archive, ...change(archive.sha256) },
    ]);
    const front = stage.box.start(stage.task({ line: "echo never", hydrate: phase }));
    await front.done;
    expect(front.exit()).toMatchObject({ why: "hydrate_failed", executed: false });
    expect(front.exit()?.error).toContain("the action changed");
    expect(front.output()).toBe("");
    expect(endsOf(front)).toEqual([]);
  });

  it("of GitHub's services are told that there are none", async () => {
    const archive = stage.archive("cache", { "main.js": 'console.log("warned")' });
    const cache = { ...carried("actions/cache", "cache", { runs: { using: "node20", main: "main.js" } }) };
    const phase = phaseOf("a4", [uses("c")], { actions: { c: cache } }, [archive]);
    const front = stage.box.start(stage.task({ line: "true", hydrate: phase }));
    await front.done;
    const notes = front.events().flatMap((event) => (event.e === "note" ? [event.text] : []));
    expect(notes.join("\n")).toMatch(/without a cache and artifact service: actions\/cache/);
    expect(front.exit()).toMatchObject({ code: 0 });
  });

  it.each([
    ["a way out of its place", { archive: "../x" }],
    ["no hash", { sha256: "abc" }],
  ])("are refused with %s", async (_what, wrong) => {
    const archive = { archive: "x", sha256: "0".repeat(64), sizeBytes: 1, ...wrong };
    const front = stage.box.start(stage.task({ line: "true", hydrate: phaseOf("a5", [], {}, [archive]) }));
    expect(await front.done).toBe(98);
    expect(front.stderr()).toContain("hydrate: expected plan, archives and fingerprint");
  });
});
