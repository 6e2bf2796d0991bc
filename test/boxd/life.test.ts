import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Box } from "./box.ts";
import { PLAIN_UID, bytesOf, makeBox, processesWith, taskOf, until } from "./box.ts";

const isRoot = process.getuid?.() === 0;
const users = [["this user", undefined] as const, ...(isRoot ? [["a plain user", PLAIN_UID] as const] : [])];

describe.each(users)("a task as %s", (_name, uid) => {
  let box: Box;
  beforeAll(async () => {
    box = await makeBox(uid === undefined ? {} : { uid });
  });
  afterAll(() => box.remove());

  it("runs the line in bash and reports its exit code, journal byte for byte", async () => {
    const task = taskOf({ line: "echo one; echo two >&2; [[ -n $CRABBOX_TASK ]] && exit 7" });
    const front = box.start(task);
    expect(await front.done).toBe(0);
    expect(front.output()).toBe("one\ntwo\n");
    expect(front.exit()).toMatchObject({ code: 7, executed: true, survivors: [] });
    expect(front.journal().equals(bytesOf(box.path("tasks", task.id, "journal")))).toBe(true);
    expect(front.events().at(-1)).toMatchObject({ e: "exit", code: 7 });
  });

  it("runs a script with its own exit code, and /dev/stdout works", async () => {
    const text = "#!/bin/bash\necho 'a b' > /dev/stdout\necho c > /dev/stderr\nexit 3\n";
    const front = box.start(taskOf({ execute: { kind: "script", text, workingDirectory: "" } }));
    await front.done;
    expect(front.output()).toBe("a b\nc\n");
    expect(front.exit()).toMatchObject({ code: 3 });
  });

  it("reports a signal as a signal", async () => {
    const front = box.start(taskOf({ line: "kill -SEGV $$" }));
    await front.done;
    expect(front.exit()).toMatchObject({ signal: "SIGSEGV", executed: true });
    expect(front.exit()?.code).toBeUndefined();
  });

  it("gives the command what the App allowed and nothing of boxd's", async () => {
    const front = box.start(taskOf({ line: "env", env: { ALLOWED: "yes" } }));
    await front.done;
    expect(front.output()).toContain("ALLOWED=yes\n");
    expect(front.output()).toContain(`HOME=${box.path("home")}\n`);
    expect(front.output()).not.toMatch(/CRABBOX_ROOT|NODE_|VITEST/);
  });

  it("ends a command that ignores TERM, after the grace", async () => {
    const task = taskOf({ line: "trap '' TERM INT; echo up; while :; do sleep 1; done" });
    const front = box.start(task);
    await until("the command runs", () => front.output().includes("up"));
    expect(JSON.parse(box.run(["cancel", task.id], '{"by":"@octocat"}\n').stdout)).toMatchObject({
      told: true,
    });
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", by: "@octocat", executed: true, survivors: [] });
    expect(JSON.parse(box.run(["cancel", task.id], '{"by":"@again"}\n').stdout)).toMatchObject({
      state: "done",
    });
  });

  it("lets a command that heeds TERM finish its words", async () => {
    const task = taskOf({
      line: "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done",
      graceMs: 20_000,
    });
    const front = box.start(task);
    await until("the command runs", () => front.output().includes("up"));
    box.run(["cancel", task.id], '{"by":"x"}\n');
    await front.done;
    expect(front.output()).toContain("bye");
  });

  it("ends at the deadline, which may move either way while it runs", async () => {
    const task = taskOf({ line: "echo up; sleep 600", deadlineAt: Date.now() + 60_000 });
    const front = box.start(task);
    await until("it runs", () => front.output() === "up\n");
    box.run(["extend", task.id], `${JSON.stringify({ deadlineAt: Date.now() + 100 })}\n`);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "timed_out", executed: true });

    const first = Date.now() + 8_000;
    // Lives beyond its first deadline.
    const longer = taskOf({
      line: `echo up; until [ $(date +%s%3N) -gt ${first + 500} ]; do sleep 0.1; done; echo done`,
      deadlineAt: first,
    });
    const later = box.start(longer);
    await until("it runs, too", () => later.output() === "up\n");
    box.run(["extend", longer.id], `${JSON.stringify({ deadlineAt: Date.now() + 60_000 })}\n`);
    await later.done;
    expect(later.exit()).toMatchObject({ code: 0 });
  });

  it("does not wait for a daemon that holds the pipe, and ends it", async () => {
    const seconds = `300.${process.pid}`;
    const front = box.start(taskOf({ line: `(setsid sleep ${seconds} &); echo over` }));
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0, survivors: [] });
    expect(front.output()).toBe("over\n");
    expect(processesWith(seconds)).toEqual([]);
  });

  it("says when the working directory is not there", async () => {
    const front = box.start(taskOf({ execute: { kind: "line", text: "true", workingDirectory: "gone" } }));
    await front.done;
    expect(front.exit()).toMatchObject({ executed: false, error: expect.stringContaining("gone") });
  });
});
