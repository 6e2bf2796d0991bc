import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { imageEnvironment } from "../../runner-bootstrap/boxd/steps/image-os.ts";
import { run } from "../hydrate/engine/plans.ts";
import { bytesOf, pidsWith, until } from "./box.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { endsOf, makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

describe("hydration", () => {
  let stage: HydrateStage;
  beforeAll(async () => {
    stage = await makeHydrateStage();
  });
  afterAll(async () => stage.close());

  it("runs steps in order; what they set holds for later steps, the command and later tasks", async () => {
    const { box, task } = stage;
    const steps = [
      run(
        'echo "A=1" >> $GITHUB_ENV; printf "LONG<<END\\nx\\ny\\nEND\\n" >> $GITHUB_ENV; echo $HOME/tools >> $GITHUB_PATH; mkdir -p $HOME/tools node_modules; touch node_modules/m',
        { name: "set" },
      ),
      run(
        'echo "$A $LONG ${PATH%%:*} $EXTRA"; printf "#!/bin/sh\\necho tool\\n" > $HOME/tools/mytool; chmod +x $HOME/tools/mytool',
        { name: "use", env: { EXTRA: "e" } },
      ),
      run("echo in $PWD", { name: "posix", shell: "sh" }),
    ];
    const front = box.start(
      task({ line: 'mytool; echo "$A"; echo "[$EXTRA]"', hydrate: phaseOf("f1", steps) }),
    );
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toBe(
      `1 x\ny ${box.path("home", "tools")} e\nin ${box.path("work/o/r")}\ntool\n1\n[]\n`,
    );
    expect(endsOf(front)).toEqual([
      "1 Set up job success",
      "2 set success",
      "3 use success",
      "4 posix success",
    ]);

    const later = box.start(task({ line: "mytool; ls node_modules", hydrated: "f1" }));
    await later.done;
    expect(later.output()).toBe("tool\nm\n");
    const wrong = box.start(task({ line: "echo never", hydrated: "f2" }));
    await wrong.done;
    expect(wrong.exit()).toMatchObject({ why: "hydrate_failed", executed: false });

    const none = box.start(
      task({ line: 'echo "[$A]"', hydrate: { plan: null, archives: [], fingerprint: "none" } }),
    );
    await none.done;
    expect(none.output()).toBe("[]\n");
  });

  it("finds what package managers installed for the user, behind the box's own, unless somebody set a PATH", async () => {
    const { box, task } = stage;
    const make = (dir: string) =>
      `mkdir -p ~/${dir} && printf '#!/bin/sh\\necho ${dir}\\n' > ~/${dir}/mine && chmod +x ~/${dir}/mine`;
    const steps = [
      run(make(".local/bin"), { name: "pip" }),
      run(`${make(".cargo/bin")}; mine`, { name: "cargo" }),
      run("rm ~/.local/bin/mine; mine", { name: "gone" }),
      // Another run's set-up may use secrets: nothing of a command's stands before the box's programs.
      run("cp ~/.cargo/bin/mine ~/.cargo/bin/git; git --version | cut -d' ' -f1", { name: "own" }),
    ];
    const front = box.start(task({ line: "mine", hydrate: phaseOf("f9", steps) }));
    await front.done;
    expect(front.output()).toBe(".local/bin\n.cargo/bin\ngit\n.cargo/bin\n");
    const env = { PATH: "/usr/bin:/bin", MIRROR: "https://mirror.example" };
    const set = box.start({
      ...task({ line: 'echo "$PATH $MIRROR"', hydrate: phaseOf("f10", [run('echo "$PATH $MIRROR"')]) }),
      env,
    });
    await set.done;
    expect(set.output()).toBe("/usr/bin:/bin https://mirror.example\n".repeat(2));
  });

  it("names the first step that failed, before the command; steps that want to know still run", async () => {
    const steps = [
      run("true", { name: "fine" }),
      run("exit 3", { name: "forgiven", continueOnError: true }),
      run("echo oops; exit 7", { name: "broken" }),
      run("echo never", { name: "never" }),
      run("echo after; exit 9", { name: "always", if: "always()" }),
    ];
    const front = stage.box.start(stage.task({ line: "echo never", hydrate: phaseOf("f3", steps) }));
    await front.done;
    expect(front.output()).toContain("oops\n");
    expect(front.output()).toContain("after\n");
    expect(front.output()).not.toContain("never");
    expect(front.exit()).toMatchObject({
      why: "hydrate_failed",
      step: "broken",
      code: 7,
      error: "Process completed with exit code 7.",
      executed: false,
    });
    expect(bytesOf(stage.box.path("hydrated/o/r.json")).length).toBe(0);
  });

  it("ends a step that takes longer than it may, and nothing beside it", async () => {
    const { box, task } = stage;
    const steps = [
      run("exec -a beside.$CRABBOX_TASK sleep 300 & echo up", { name: "leaves" }),
      run("exec -a slow.$CRABBOX_TASK sleep 300", { name: "slow", timeoutMinutes: 0.005 }),
      run('pgrep -f "^beside.$CRABBOX_TASK" > /dev/null && echo lives', { name: "look", if: "always()" }),
    ];
    const sent = task({ line: "echo never", hydrate: phaseOf("f4", steps) });
    const front = box.start(sent);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "slow", executed: false });
    expect(front.output()).toContain("lives\n");
    expect(pidsWith(`beside.${sent.id}`)).toEqual([]);
  });

  it.each(["NODE_OPTIONS=--require=/x", "LD_PRELOAD=/x", "CRABBOX_TASK=other"])(
    "refuses %s in GITHUB_ENV and says so",
    async (line) => {
      const [name = ""] = line.split("=");
      const steps = [run(`echo '${line}' >> $GITHUB_ENV`, { name: "set" })];
      const front = stage.box.start(
        stage.task({ line: `echo "[\${${name}:-}]"`, hydrate: phaseOf("f5", steps) }),
      );
      await front.done;
      expect(front.events()).toContainEqual(
        expect.objectContaining({ e: "annotation", level: "failure", n: 2 }),
      );
      expect(front.output()).not.toContain("[other]");
      expect(front.output()).not.toContain("/x]");
      expect(bytesOf(stage.box.path("hydrated/o/r.json")).toString()).toBe(
        '{"fingerprint":"f5","path":[],"env":{}}',
      );
    },
  );

  it("masks what steps print and say, and keeps no secret that a step set for later", async () => {
    const steps = [
      run(
        'echo "TOKEN=$SECRET" >> $GITHUB_ENV; echo "PLAIN=1" >> $GITHUB_ENV; echo "is $SECRET"; echo "::notice::not $SECRET"',
        { name: "set" },
      ),
      run('echo "::add-mask::made-here-2"; echo "MADE=made-here-2" >> $GITHUB_ENV; echo made-here-2', {
        name: "make",
      }),
    ];
    const front = stage.box.start(
      stage.task({
        line: "echo $PLAIN made-here-2",
        hydrate: phaseOf("f6", steps),
        env: { SECRET: "very-secret-1" },
        secrets: ["very-secret-1"],
      }),
    );
    await front.done;
    expect(front.output()).toContain("is ***\n");
    expect(front.output()).toContain("1 ***\n");
    expect(front.journal().toString("latin1")).not.toMatch(/very-secret-1|made-here-2/);
    expect(bytesOf(stage.box.path("hydrated/o/r.json")).toString()).toBe(
      '{"fingerprint":"f6","path":[],"env":{"PLAIN":"1"}}',
    );
  });

  it("tells steps of GitHub's image that the box is like, where it is like one; settings come before that", async () => {
    const steps = [run('echo "image[$ImageOS]"')];
    const front = stage.box.start(stage.task({ hydrate: phaseOf("f8", steps) }));
    await front.done;
    expect(front.output()).toContain(`image[${imageEnvironment()["ImageOS"] ?? ""}]`);
    const named = stage.box.start(
      stage.task({ hydrate: phaseOf("f9", steps), env: { ImageOS: "of-the-settings" } }),
    );
    await named.done;
    expect(named.output()).toContain("image[of-the-settings]");
  });

  it("ends with its task: what runs is ended, steps that clean up have their time", async () => {
    const steps = [
      run("echo up; exec -a held.$CRABBOX_TASK sleep 300", { name: "long" }),
      run("echo cleaned", { name: "clean", if: "always()" }),
    ];
    const sent = stage.task({ line: "echo never", hydrate: phaseOf("f7", steps) });
    const front = stage.box.start(sent);
    await until("the step runs", () => front.output().includes("up"));
    expect(stage.box.run(["cancel", sent.id], '{"by":"someone"}\n').code).toBe(0);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", executed: false, survivors: [] });
    expect(front.output()).toContain("cleaned\n");
    expect(pidsWith(`held.${sent.id}`)).toEqual([]);
  });
});
