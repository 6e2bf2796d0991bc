import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { HydrateStage } from "../../boxd/hydrate-stage.ts";
import { makeHydrateStage, phaseOf } from "../../boxd/hydrate-stage.ts";
import { canBwrap, holdTo } from "../../boxd/rung.ts";
import { carried, uses } from "../engine/plans.ts";

/** Looks for a token, which it is told the wrong way round, wherever its user may read; tells where it found it, and how many places it saw. */
const SEARCH = `
const { readdirSync, readFileSync, lstatSync } = require("node:fs");
const token = Buffer.from([...process.env.INPUT_REVERSED].reverse().join(""));
const forms = [token, Buffer.from(token.toString("base64").replace(/=+$/, "")), Buffer.from("x-access-token:" + token).subarray(2)];
const found = [];
let seen = 0;
function look(path) {
  try {
    const bytes = readFileSync(path);
    seen += 1;
    if (forms.some((form) => bytes.includes(form))) found.push(path);
  } catch {}
}
function walk(dir) {
  let names = [];
  try { names = readdirSync(dir); } catch { return; }
  for (const name of names) {
    const path = dir + "/" + name;
    let stat;
    try { stat = lstatSync(path); } catch { continue; }
    if (stat.isDirectory()) walk(path);
    else if (stat.isFile() && stat.size < 32e6) look(path);
  }
}
for (const pid of readdirSync("/proc").filter((name) => /^\\d+$/.test(name))) {
  look("/proc/" + pid + "/environ");
  look("/proc/" + pid + "/cmdline");
  let fds = [];
  try { fds = readdirSync("/proc/" + pid + "/fd"); } catch {}
  for (const fd of fds) {
    try { if (lstatSync("/proc/" + pid + "/fd/" + fd) && require("node:fs").statSync("/proc/" + pid + "/fd/" + fd).isFile()) look("/proc/" + pid + "/fd/" + fd); } catch {}
  }
}
for (const dir of [process.env.INPUT_ROOT, process.env.HOME, process.env.GITHUB_WORKSPACE, process.env.TMPDIR]) walk(dir);
console.log("seen " + (seen > 20) + ", found " + JSON.stringify(found));
`;

describe.each([
  ["best-effort", "none", true],
  ["bwrap", "bwrap", canBwrap],
] as const)("the task's token on %s with sandbox %s (needs it on this machine)", (rung, sandbox, isHere) => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
    holdTo(stage.box, rung);
  });
  afterAll(async () => stage.close());

  it.skipIf(!isHere)(
    "is in no environment, argument, open file or file that an action can read",
    async () => {
      const action = carried("acme/search", "search", {
        inputs: { reversed: { required: true }, root: { required: true } },
        runs: { using: "node24", main: "main.js" },
      });
      const archive = stage.archive("search", { "main.js": SEARCH });
      const { syncToken = "" } = stage.task({});
      expect(syncToken.length).toBeGreaterThan(8);
      const reversed = syncToken.split("").reverse().join("");
      const steps = [uses("a", { reversed, root: stage.box.root }, { name: "searches" })];
      const hydrate = phaseOf("t", steps, { actions: { a: action } }, [archive]);
      for (const line of ["true", "true again"]) {
        const front = stage.box.start(stage.task({ line, sandbox, hydrate }));
        await front.done;
        expect(front.exit()).toMatchObject({ code: 0 });
        expect(front.output()).toBe("seen true, found []\n");
      }
    },
  );
});
