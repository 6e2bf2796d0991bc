import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { carried, control, run, uses } from "../hydrate/engine/plans.ts";
import { PLAIN_UID, pidsWith } from "./box.ts";
import { canBwrap, canUnshare, holdTo } from "./rung.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { endsOf, makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const MAIN = `
const fs = require("node:fs");
fs.mkdirSync(process.env.RUNNER_TOOL_CACHE + "/bin", { recursive: true });
fs.writeFileSync(process.env.RUNNER_TOOL_CACHE + "/bin/made", "#!/bin/sh\\necho made\\n", { mode: 0o755 });
fs.appendFileSync(process.env.GITHUB_PATH, process.env.RUNNER_TOOL_CACHE + "/bin\\n");
`;

describe.each([
  ["pid-namespace", "none", canUnshare],
  ["bwrap", "none", canBwrap],
  ["best-effort", "none", true],
  ["best-effort", "bwrap", canBwrap],
] as const)("hydration on %s with sandbox %s (needs it on this machine)", (rung, sandbox, isHere) => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
    holdTo(stage.box, rung);
  });
  afterAll(async () => stage.close());

  it.skipIf(!isHere)("runs actions, whose tools the command finds", async () => {
    const archive = stage.archive("tool", { "main.js": MAIN });
    const actions = { t: carried("acme/tool", "tool", { runs: { using: "node24", main: "main.js" } }) };
    const steps = [
      uses("t", {}, { name: "tool" }),
      run("made; echo B=2 >> $GITHUB_ENV; exit 0", { name: "use" }),
      run("kill -SEGV $$", { name: "dies", continueOnError: true }),
    ];
    const phase = phaseOf("c1", steps, { actions }, [archive]);
    const front = stage.box.start(stage.task({ line: "made; echo $B", sandbox, hydrate: phase }));
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(endsOf(front).slice(1)).toEqual(["2 tool success", "3 use success", "4 dies success"]);
    expect(front.output()).toMatch(/^made\n[^]*SIGSEGV[^]*made\n2\n$/);
    const later = stage.box.start(stage.task({ line: "made; echo $B", sandbox, hydrated: "c1" }));
    await later.done;
    expect(later.output()).toBe("made\n2\n");
    expect(stage.box.run(["wipe"]).code).toBe(0);
    expect(["steps", "tools"].filter((name) => existsSync(stage.box.path(name)))).toEqual([]);
  });

  it.skipIf(!isHere)("ends one program alone, by INT first", async () => {
    const listens = `trap 'echo polite; exit 1' INT; touch "$RUNNER_TEMP/up"; for i in $(seq 3000); do sleep 0.1; done`;
    const steps = [
      run(listens, { name: "listens", id: "listens", background: true }),
      run('until [ -e "$RUNNER_TEMP/up" ]; do sleep 0.05; done; echo beside', { name: "waits" }),
      control("cancel", ["listens"]),
      run("echo goes on", { name: "after", if: "always()" }),
    ];
    // More than it ever needs: how soon a loaded machine lets a trap run is not what this is about.
    const sent = stage.task({ line: "echo never", sandbox, hydrate: phaseOf("c2", steps), graceMs: 60_000 });
    const front = stage.box.start(sent);
    await front.done;
    expect(front.output()).toContain("polite\n");
    expect(front.output()).toContain("beside\n");
    expect(front.output()).toContain("goes on\n");
    expect(front.exit()).toMatchObject({ survivors: [] });
  });

  it.skipIf(!isHere)("ends one program alone, by KILL when it does not listen", async () => {
    const steps = [
      run("trap '' INT TERM; exec -a deaf.$CRABBOX_TASK sleep 300", { name: "deaf", timeoutMinutes: 0.005 }),
      run("echo goes on", { name: "after", if: "always()" }),
    ];
    const sent = stage.task({ line: "echo never", sandbox, hydrate: phaseOf("c3", steps) });
    const front = stage.box.start(sent);
    await front.done;
    expect(front.output()).toContain("goes on\n");
    expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "deaf", survivors: [] });
    expect(pidsWith(`deaf.${sent.id}`)).toEqual([]);
  });
});

it.skipIf(process.getuid?.() !== 0)("moves aside what another user left (needs root)", async () => {
  const stage = await makeHydrateStage({}, PLAIN_UID);
  try {
    const hydrate = phaseOf("c4", [run('ls -A "$RUNNER_TEMP"; id -u')]);
    for (const round of [1, 2]) {
      const front = stage.box.start(stage.task({ line: "echo done", hydrate }));
      await front.done;
      expect([round, front.exit()]).toMatchObject([round, { code: 0 }]);
      expect(front.output()).toMatch(new RegExp(`\n${PLAIN_UID}\ndone\n$`));
      const left = stage.box.path("steps/o/r/temp/of-a-container");
      mkdirSync(left, { mode: 0o700 });
      writeFileSync(`${left}/file`, "");
    }
    expect(readdirSync(stage.box.path("steps/o")).length).toBe(2);
  } finally {
    await stage.close();
  }
});
