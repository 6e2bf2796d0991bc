import { existsSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { JobPlan } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Following } from "../../boxd/box.ts";
import { pidsWith } from "../../boxd/box.ts";
import type { HydrateStage } from "../../boxd/hydrate-stage.ts";
import { endsOf, makeHydrateStage, phaseOf } from "../../boxd/hydrate-stage.ts";
import { canBwrap, holdTo } from "../../boxd/rung.ts";
import { carried, planOf, run, uses } from "../engine/plans.ts";

describe.each([
  ["best-effort", "none", true],
  ["bwrap", "bwrap", canBwrap],
] as const)("hostile steps on %s with sandbox %s (needs it on this machine)", (rung, sandbox, isHere) => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
    holdTo(stage.box, rung);
  });
  afterAll(async () => stage.close());

  async function hydrated(
    steps: JobPlan["steps"],
    line = "true",
    over: Partial<JobPlan> = {},
    archives: Parameters<typeof phaseOf>[3] = [],
  ): Promise<Following> {
    const front = stage.box.start(
      stage.task({ line, sandbox, hydrate: phaseOf("h", steps, over, archives) }),
    );
    await front.done;
    return front;
  }

  it.skipIf(!isHere)("that kill their parent end their own step; what is left of them is ended", async () => {
    const front = await hydrated([
      run("(exec -a orphan.$CRABBOX_TASK setsid sleep 300 &) ; kill -KILL $PPID; kill -KILL $$", {
        name: "kills",
        continueOnError: true,
      }),
      run("echo goes on", { name: "after" }),
    ]);
    const id = front.events().find((event) => event.e === "task")?.id ?? "";
    // Without a sandbox the parent may be boxd itself: then the App hears that it died, and no command ran.
    if (front.exit()?.why === "boxd_died") expect(front.exit()).toMatchObject({ executed: false });
    else {
      expect(front.exit()).toMatchObject({ code: 0, survivors: [] });
      expect(front.output()).toContain("goes on\n");
    }
    expect(pidsWith(`orphan.${id}`)).toEqual([]);
  });

  it.skipIf(!isHere)("that close their output are waited for, and say no more", async () => {
    const front = await hydrated([
      run("echo before; exec >&- 2>&-; touch $HOME/closed; echo never", {
        name: "closes",
        continueOnError: true,
      }),
      run("test -e $HOME/closed && echo goes on", { name: "after" }),
    ]);
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toContain("before\n");
    expect(front.output()).not.toContain("never");
    expect(front.output()).toContain("goes on\n");
  });

  it.skipIf(!isHere)(
    "that delete the workspace fail what comes after, by its name; the next task has it again",
    async () => {
      const steps = [
        run(
          'rm -rf "$GITHUB_WORKSPACE" "$GITHUB_WORKSPACE"/* "$GITHUB_WORKSPACE"/.[a-z]* "$RUNNER_TEMP" 2>/dev/null || true',
          {
            name: "deletes",
          },
        ),
        run("cat a.txt", { name: "reads" }),
      ];
      const front = await hydrated(steps, "echo never");
      expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "reads", executed: false });
      expect(front.output()).not.toContain("never");
      const next = await hydrated([run("cat a.txt", { name: "reads" })], "cat a.txt");
      expect(next.exit()).toMatchObject({ code: 0 });
      expect(next.output()).toBe("a\na\n");
    },
  );

  it.skipIf(!isHere)(
    "never see a title or a branch name as a script, unless the workflow itself pastes it",
    async () => {
      const title =
        '"; touch $HOME/injected; echo "$(touch $HOME/injected)`touch $HOME/injected`\n::add-mask::a';
      const { contexts } = planOf([]);
      const github = {
        ...contexts.github,
        head_ref: "$(touch$IFS$HOME/injected)",
        event: { pull_request: { title } },
      };
      const action = carried("acme/a", "a", {
        inputs: { title: { required: true } },
        runs: { using: "node24", main: "m.js" },
      });
      const archive = stage.archive("a", { "m.js": "console.log(JSON.stringify(process.env.INPUT_TITLE))" });
      const front = await hydrated(
        [
          run('echo "title $TITLE"; echo "branch $GITHUB_HEAD_REF"', {
            name: "${{ github.event.pull_request.title }}",
            env: { TITLE: "${{ github.event.pull_request.title }}" },
            if: "github.event.pull_request.title != '' && contains(github.head_ref, 'touch')",
          }),
          uses("a", { title: "${{ github.event.pull_request.title }}" }, { name: "given" }),
        ],
        'test ! -e "$HOME/injected" && echo unharmed',
        { contexts: { ...contexts, github }, actions: { a: action } },
        [archive],
      );
      expect(front.exit()).toMatchObject({ code: 0 });
      expect(front.output()).toContain("branch $(touch$IFS$HOME/injected)\n");
      expect(front.output()).toContain(JSON.stringify(title));
      expect(front.output()).toContain("unharmed\n");
      expect(existsSync(stage.box.path("home", "injected"))).toBe(false);
      expect(endsOf(front).at(-1)).toMatch(/given success$/u);
    },
  );

  it.skipIf(!isHere)(
    "cannot set what GitHub refuses, and what they may set does not reach boxd",
    async () => {
      const front = await hydrated(
        [
          run(
            `for name in NODE_OPTIONS node_options LD_PRELOAD LD_AUDIT BASH_ENV CRABBOX_TASK; do echo "$name=--require=$HOME/evil.js" >> $GITHUB_ENV; done
          echo 'require("node:fs").writeFileSync(process.env.HOME + "/loaded", "")' > $HOME/evil.js
          printf '#!/bin/sh\\ntouch %s/of-mine\\n' "$HOME" > $HOME/tar; cp $HOME/tar $HOME/git; cp $HOME/tar $HOME/node; chmod +x $HOME/tar $HOME/git $HOME/node
          echo "$HOME" >> $GITHUB_PATH; echo "NODE_PATH=$HOME" >> $GITHUB_ENV; echo "GIT_DIR=$HOME" >> $GITHUB_ENV`,
            { name: "sets" },
          ),
          uses("a", {}, { name: "action" }),
        ],
        'env | grep -ci "^\\(node_options\\|ld_preload\\|ld_audit\\|bash_env\\)=" ; echo "task is $CRABBOX_TASK"',
        { actions: { a: carried("acme/a", "a", { runs: { using: "node24", main: "m.js" } }) } },
        [stage.archive("a", { "m.js": 'console.log("the real node")' })],
      );
      const id = front.events().find((event) => event.e === "task")?.id ?? "";
      expect(front.exit()?.why).toBeUndefined();
      expect(front.output()).toMatch(new RegExp(`the real node\n[^]*\n?0\ntask is ${id}\n$`, "u"));
      // The next task's sync and hydration are boxd's own, with boxd's own programs.
      const next = await hydrated(
        [uses("a", {}, { name: "action" })],
        "cat a.txt",
        {
          actions: { a: carried("acme/a", "a", { runs: { using: "node24", main: "m.js" } }) },
        },
        [stage.archive("a", { "m.js": 'console.log("again")' })],
      );
      expect(next.output()).toBe("again\na\n");
      expect(["of-mine", "loaded"].filter((name) => existsSync(stage.box.path("home", name)))).toEqual([]);
    },
  );
});
