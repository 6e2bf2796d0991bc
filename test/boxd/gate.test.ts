import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { bytesOf, processesWith, until } from "./box.ts";
import type { SyncStage } from "./sync-stage.ts";
import { openSyncStage, wayOf } from "./sync-stage.ts";

describe("the command's gate: everything around it is ready before the tree is", () => {
  let stage: SyncStage;
  let withSubmodule: string;
  /** In the command line only, so that its gate is found by it. */
  const mark = `gate-${process.pid}`;
  const line = `echo ran >> $HOME/effects; : ${mark}`;

  beforeEach(async () => {
    stage = await openSyncStage();
    stage.repository.write({ "a.txt": "one\n" });
    await stage.run(stage.repository.commit("first"), "true");
    // The tree itself is brought at once; then its submodule is waited for.
    stage.repository.write({ ".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n' });
    stage.repository.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},lib`);
    stage.repository.git("add", ".gitmodules");
    stage.repository.git("commit", "-q", "-m", "submodule");
    stage.repository.git("push", "-q", join(stage.dir, "srv/o/r.git"), "HEAD:main");
    withSubmodule = stage.repository.git("rev-parse", "HEAD");
  });
  afterEach(async () => stage.close());

  const gates = (): string[] => processesWith(mark);
  const neverRan = async (id: string): Promise<void> => {
    await until("the gate is gone", () => gates().length === 0);
    expect(bytesOf(stage.box.path("home", "effects")).toString()).toBe("");
    expect(bytesOf(stage.box.path("tasks", id, "execute")).length).toBe(0);
  };

  it("stays shut when boxd dies before `execute` is linked", async () => {
    stage.server.hold("o/lib.git");
    const task = stage.task(withSubmodule, line);
    const front = stage.box.start(task);
    await until("the command's gate stands", () => gates().length > 0);
    const go = readFileSync(stage.box.path("tasks", task.id, "go"), "utf8");
    process.kill((JSON.parse(go) as { pid: number }).pid, "SIGKILL");
    await front.done;
    expect(front.exit()).toMatchObject({ why: "boxd_died", executed: false });
    await neverRan(task.id);
  });

  it("stays shut when the sync fails after all", async () => {
    const task = stage.task(withSubmodule, line);
    const front = stage.box.start(task);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "sync_failed", syncReason: "submodule", executed: false });
    await neverRan(task.id);
  });

  it("stays shut when the task is stopped meanwhile", async () => {
    stage.server.hold("o/lib.git");
    const task = stage.task(withSubmodule, line);
    const front = stage.box.start(task);
    await until("the command's gate stands", () => gates().length > 0);
    stage.box.run(["cancel", task.id]);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", executed: false });
    await neverRan(task.id);
  });

  it("opens once, when the tree is proven", async () => {
    stage.repository.git("reset", "-q", "--hard", "HEAD~1");
    stage.repository.write({ "a.txt": "two\n" });
    const front = await stage.run(stage.repository.commit("second"), `cat a.txt; ${line}`);
    expect(front.output()).toBe("two\n");
    expect(wayOf(front)).toBe("updated");
    expect(bytesOf(stage.box.path("home", "effects")).toString()).toBe("ran\n");
  });
});
