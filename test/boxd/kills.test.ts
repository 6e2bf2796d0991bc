import { readFileSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run } from "../hydrate/engine/plans.ts";
import { phaseOf } from "./hydrate-stage.ts";
import type { Box } from "./box.ts";
import { bytesOf, hashOf, makeBox, pidsWith, processesWith, taskOf, until } from "./box.ts";

const ROUNDS = 12;

describe("kills", () => {
  let box: Box;
  beforeAll(async () => {
    box = await makeBox();
  });
  afterAll(() => box.remove());

  const supervisorOf = (id: string): number =>
    (JSON.parse(readFileSync(box.path("tasks", id, "go"), "utf8")) as { pid: number }).pid;

  it("lose and double no byte when the front dies again and again", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const task = taskOf({
        line: "echo x >> $HOME/effects; for i in $(seq 1 400); do echo line $i; [ $((i % 40)) = 0 ] && sleep 0.05; done; exit 9",
      });
      let front = box.start(task);
      for (let kill = 0; kill < 3; kill += 1) {
        await until("some bytes", () => front.journal().length > kill * 2_000 || front.exit() !== undefined);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
        front.child.kill("SIGKILL");
        await front.done;
        const copy = front.journal();
        // Starting again attaches, as following does.
        front =
          kill === 1 ? box.start(task, copy) : box.follow(["follow", task.id, String(copy.length)], copy);
      }
      expect(await front.done).toBe(0);
      expect(front.exit()).toMatchObject({ code: 9 });
      expect(front.journal().equals(bytesOf(box.path("tasks", task.id, "journal")))).toBe(true);
    }
    expect(bytesOf(box.path("home", "effects")).toString()).toBe("x\n".repeat(ROUNDS));
  });

  it("of the supervisor during the command are told as boxd_died, and nothing is left", async () => {
    const seconds = `301.${process.pid}`;
    const task = taskOf({ line: `(trap '' TERM; setsid sleep ${seconds} &); echo up; sleep ${seconds}` });
    const front = box.start(task);
    await until("the command runs", () => front.output().includes("up"));
    process.kill(supervisorOf(task.id), "SIGKILL");
    expect(await front.done).toBe(0);
    expect(front.exit()).toMatchObject({ why: "boxd_died", executed: true, survivors: [] });
    expect(processesWith(seconds)).toEqual([]);
    expect(JSON.parse(box.run(["settle", task.id]).stdout)).toEqual({ id: task.id, state: "done" });
  });

  it("of the supervisor before execute say that nothing was executed", async () => {
    const step = run("echo up; sleep 300", { name: "wait" });
    const sync = {
      remote: "http://127.0.0.1:9/o/r.git",
      sha: "0".repeat(40),
      keep: [],
      owner: "o",
      repo: "r",
    };
    // The sync of a dead remote takes its retries: time enough to die in.
    const task = taskOf({ line: "echo never", sync, hydrate: phaseOf("f", [step]) });
    const front = box.start(task);
    await until("the sync runs", () => front.events().some((event) => event.e === "phase"));
    process.kill(supervisorOf(task.id), "SIGKILL");
    await front.done;
    expect(front.exit()).toMatchObject({ why: "boxd_died", executed: false });
    expect(front.output()).toBe("");
  });

  it("of another life are told as box_rebooted", async () => {
    const task = taskOf({ line: "echo up; exec -a 301.$CRABBOX_TASK sleep 300" });
    const front = box.start(task);
    await until("the command runs", () => front.output().includes("up"));
    const go = box.path("tasks", task.id, "go");
    const record = JSON.parse(readFileSync(go, "utf8")) as { pid: number; epoch: string };
    front.child.kill("SIGKILL");
    writeFileSync(go, JSON.stringify({ ...record, epoch: "another/1" }));
    process.kill(record.pid, "SIGKILL");
    await until(
      "the supervisor is gone",
      () => !bytesOf(`/proc/${record.pid}/cmdline`).includes("supervise"),
    );
    const after = box.follow(["follow", task.id, "0"]);
    await after.done;
    expect(after.exit()).toMatchObject({ why: "box_rebooted", executed: true });
    // What another life left was ended by the reboot; here it is the test that has to.
    for (const pid of pidsWith(`301.${task.id}`)) process.kill(pid, "SIGKILL");
    await until("it is gone", () => pidsWith(`301.${task.id}`).length === 0);
    const swept = box.run(
      ["sweep"],
      `${JSON.stringify({ tasks: [{ id: task.id, sha256: hashOf(box.path("tasks", task.id, "journal")) }] })}\n`,
    );
    expect(JSON.parse(swept.stdout)).toEqual({ removed: [task.id], kept: [] });
  });

  it("leave one command when two start at once", async () => {
    for (let round = 0; round < 6; round += 1) {
      const task = taskOf({ line: `echo ${round} >> $HOME/once; sleep 0.1; echo ok` });
      const fronts = [box.start(task), box.start(task), box.start(task)];
      expect(await Promise.all(fronts.map(async (front) => front.done))).toEqual([0, 0, 0]);
      for (const front of fronts)
        expect(front.journal().equals(bytesOf(box.path("tasks", task.id, "journal")))).toBe(true);
    }
    expect(bytesOf(box.path("home", "once")).toString()).toBe("0\n1\n2\n3\n4\n5\n");
  });

  it("of a front that waits for its task leave nothing behind", async () => {
    const front = box.follow(["start"]);
    await until("it is ready", () => front.stderr().includes("ready"));
    front.child.kill("SIGKILL");
    await front.done;
    await until("the supervisor ends", () => processesWith(box.program).length === 0);
    const ended = box.follow(["start"]);
    await until("it is ready", () => ended.stderr().includes("ready"));
    ended.child.stdin?.end();
    expect(await ended.done).toBe(0);
    await until("the supervisor ends", () => processesWith(box.program).length === 0);
  });
});
