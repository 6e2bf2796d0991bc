import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../hydrate/engine/plans.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const bwrap = spawnSync("bwrap", ["--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"]);
const rungs = ["none", ...(bwrap.status === 0 ? (["bwrap"] as const) : [])] as const;

const hasScript = spawnSync("script", ["--version"]).status === 0;

describe.each(rungs)("who logs in on a box (sandbox: %s)", (sandbox) => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
  });
  afterAll(async () => stage.close());

  const prepare = async (fingerprint: string, script: string): Promise<void> => {
    const front = stage.box.start(
      stage.task({ line: "true", sandbox, hydrate: phaseOf(fingerprint, [run(script)]) }),
    );
    await front.done;
  };
  const enter = (...args: readonly string[]): string =>
    execFileSync("sh", [stage.box.path("enter"), ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/root", MINE: "mine", TERM: "vt100" },
      input: "echo typed $A\n",
    });

  it("finds what the set-up set, in the tree, behind the command's sandbox, and no start-up file of the command's", async () => {
    await prepare(
      "f1",
      `echo "A=it's \\$HOME" >> $GITHUB_ENV; echo $HOME/tools >> $GITHUB_PATH; printf 'LONG<<END\\nx\\ny\\nEND\\n' >> $GITHUB_ENV
mkdir -p $HOME/tools; printf '#!/bin/sh\\necho tool\\n' > $HOME/tools/mytool; chmod +x $HOME/tools/mytool
echo 'echo evil' | tee $HOME/.bashrc $HOME/.profile > $HOME/.bash_profile`,
    );
    expect(statSync(stage.box.path("enter")).mode & 0o777).toBe(0o700);
    expect(enter("-c", 'mytool; echo "$A"; echo "$LONG"; pwd; echo "[$MINE$CRABBOX_TASK] $TERM"')).toBe(
      `tool\nit's $HOME\nx\ny\n${stage.box.path("work/o/r")}\n[] vt100\n`,
    );
    expect(enter()).toBe("typed it's $HOME\n");
    const lines = readFileSync(stage.box.path("enter"), "utf8");
    expect(lines).not.toContain("it's");
    expect(enter("-c", 'touch "$TMPDIR/t" && echo written')).toBe("written\n");
    writeFileSync(stage.box.path("beside"), "");
    expect(enter("-c", `ls ${stage.box.path("beside")} 2>/dev/null | wc -l`).trim()).toBe(
      sandbox === "none" ? "1" : "0",
    );
  });

  it.skipIf(!hasScript)(
    "has a terminal of its own there, and its own habits, not the command's",
    async () => {
      await prepare(
        "f3",
        `printf '"z": "echo typed-by-inputrc\\\\n"\\n' > $HOME/.inputrc
echo 'PROMPT_COMMAND=echo prompted' >> $GITHUB_ENV; echo SHELL=/bin/false >> $GITHUB_ENV`,
      );
      const typed = 'echo "sid=$(ps -o sid= -p $$)"; : >/dev/tty && echo has-terminal; echo zz; exit\n';
      const { stdout } = spawnSync(
        "script",
        ["-qec", `echo "outer=$(ps -o sid= -p $$)"; sh ${stage.box.path("enter")}`, "/dev/null"],
        { encoding: "utf8", input: typed, env: { PATH: process.env["PATH"], TERM: "dumb" } },
      );
      expect(stdout).toContain("has-terminal");
      expect(stdout).not.toMatch(/typed-by-inputrc|prompted/u);
      const sid = (name: string) => Number(new RegExp(`${name}= *(\\d+)`, "u").exec(stdout)?.[1]);
      // In the sandbox a session that began outside it would be 0.
      expect([0, Number.NaN, sid("outer")]).not.toContain(sid("\\nsid"));
    },
  );

  it("finds nothing of a set-up that failed", async () => {
    await prepare("f2", "exit 3");
    expect(existsSync(stage.box.path("enter"))).toBe(false);
  });
});
