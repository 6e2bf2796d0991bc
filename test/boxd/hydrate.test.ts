import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseEnvFile } from "../../runner-bootstrap/boxd/steps/env-file.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import type { HydrateStep } from "../../runner-bootstrap/boxd/steps/script-phase.ts";
import type { Box } from "./box.ts";
import { bytesOf, makeBox, taskOf } from "./box.ts";
import type { GitServer } from "./git-server.ts";
import { startGitServer } from "./git-server.ts";
import { makeRepository } from "./repository.ts";

const step = (name: string, run: string, more: Partial<HydrateStep> = {}): HydrateStep => ({
  name,
  run,
  shell: "bash",
  workingDirectory: "",
  env: {},
  timeoutMs: 30_000,
  ...more,
});

describe("hydration", () => {
  let dir: string;
  let server: GitServer;
  let box: Box;
  let sync: NonNullable<Task["sync"]>;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "boxd-hydrate-"));
    server = await startGitServer(join(dir, "srv"));
    const repository = makeRepository(join(dir, "src"), server.bare("o/r.git"));
    repository.write({ "a.txt": "a\n" });
    const sha = repository.commit("first");
    sync = { remote: `${server.origin}/o/r.git`, sha, keep: ["node_modules"], owner: "o", repo: "r" };
    box = await makeBox();
  });
  afterAll(async () => {
    await server.close();
    box.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const task = (parts: Parameters<typeof taskOf>[0]): Task =>
    taskOf({ sync, syncToken: server.token, ...parts });

  it("runs steps in order; what they set holds for later steps, the command and later tasks", async () => {
    const steps = [
      step(
        "set",
        'echo "A=1" >> $GITHUB_ENV; printf "LONG<<END\\nx\\ny\\nEND\\n" >> $GITHUB_ENV; echo $HOME/tools >> $GITHUB_PATH; mkdir -p $HOME/tools node_modules; touch node_modules/m',
      ),
      step(
        "use",
        'echo "$A $LONG ${PATH%%:*} $EXTRA"; printf "#!/bin/sh\\necho tool\\n" > $HOME/tools/mytool; chmod +x $HOME/tools/mytool',
        { env: { EXTRA: "e" } },
      ),
      step("posix", "echo in $PWD", { shell: "sh" }),
    ];
    const front = box.start(
      task({ line: 'mytool; echo "$A"; echo "[$EXTRA]"', hydrate: { steps, fingerprint: "f1" } }),
    );
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toBe(
      `1 x\ny ${box.path("home", "tools")} e\nin ${box.path("work/o/r")}\ntool\n1\n[]\n`,
    );
    const ends = front
      .events()
      .flatMap((event) =>
        event.e === "step" && event.at === "end" ? [`${event.n} ${event.name} ${event.outcome}`] : [],
      );
    expect(ends).toEqual(["1 set success", "2 use success", "3 posix success"]);

    const later = box.start(task({ line: "mytool; ls node_modules", hydrated: "f1" }));
    await later.done;
    expect(later.output()).toBe("tool\nm\n");
    const wrong = box.start(task({ line: "echo never", hydrated: "f2" }));
    await wrong.done;
    expect(wrong.exit()).toMatchObject({ why: "hydrate_failed", executed: false });
  });

  it("ends at the first step that fails, naming it, before the command", async () => {
    const steps = [
      step("fine", "true"),
      step("broken", "echo oops; false; echo not reached"),
      step("never", "echo never"),
    ];
    const front = box.start(task({ line: "echo never", hydrate: { steps, fingerprint: "f3" } }));
    await front.done;
    expect(front.output()).toBe("oops\n");
    expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "broken", code: 1, executed: false });
  });

  it("ends a step that takes longer than it may", async () => {
    const front = box.start(
      task({
        line: "echo never",
        hydrate: { steps: [step("slow", "sleep 100", { timeoutMs: 300 })], fingerprint: "f4" },
      }),
    );
    await front.done;
    expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "slow", executed: false });
  });

  it.each(["NODE_OPTIONS=--require=/x", "LD_PRELOAD=/x", "CRABBOX_TASK=other"])(
    "refuses %s in GITHUB_ENV",
    async (line) => {
      const front = box.start(
        task({
          line: "echo never",
          hydrate: { steps: [step("set", `echo '${line}' >> $GITHUB_ENV`)], fingerprint: "f5" },
        }),
      );
      await front.done;
      expect(front.exit()).toMatchObject({ why: "hydrate_failed", step: "set", executed: false });
    },
  );

  it("keeps no secret that a step set for later", async () => {
    const steps = [step("set", 'echo "TOKEN=$SECRET" >> $GITHUB_ENV; echo "PLAIN=1" >> $GITHUB_ENV')];
    const front = box.start(
      task({
        line: "echo $PLAIN",
        hydrate: { steps, fingerprint: "f6" },
        env: { SECRET: "very-secret-1" },
        secrets: ["very-secret-1"],
      }),
    );
    await front.done;
    expect(front.output()).toBe("1\n");
    expect(bytesOf(box.path("hydrated/o/r.json")).toString()).toBe(
      '{"fingerprint":"f6","path":[],"env":{"PLAIN":"1"}}',
    );
  });

  it("reads GITHUB_ENV as GitHub does", () => {
    expect(parseEnvFile("A=b=c\r\nB<<E F\n1\n\n2\nE F\n")).toEqual({ env: { A: "b=c", B: "1\n\n2" } });
    expect(parseEnvFile("no")).toHaveProperty("error");
    expect(parseEnvFile("A<<E\nx")).toHaveProperty("error");
    expect(parseEnvFile("1A=x")).toHaveProperty("error");
  });
});
