import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Box } from "./box.ts";
import { bytesOf, makeBox, taskOf } from "./box.ts";

const canMount = process.getuid?.() === 0 && mountWorks();

describe.skipIf(!canMount)("a full disk (needs root and tmpfs)", () => {
  let mount: string;
  let box: Box;

  beforeEach(async () => {
    mount = mkdtempSync(join(tmpdir(), "boxd-full-"));
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", mount]);
    box = await makeBox({ root: join(mount, "root") });
  });
  afterEach(() => {
    spawnSync("umount", ["-l", mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  it("stops no command and loses neither its exit code nor its last lines", async () => {
    const task = taskOf({ line: "seq 5000000; echo the end; exit 5" });
    const front = box.start(task);
    expect(await front.done).toBe(0);
    expect(front.exit()).toMatchObject({ code: 5, diskFull: true });
    expect(front.exit()?.gapBytes).toBeGreaterThan(1_000_000);
    expect(front.events().find((event) => event.e === "gap")).toMatchObject({ reason: "disk_full" });
    expect(front.output().endsWith("5000000\nthe end\n")).toBe(true);
    expect(front.events().at(-1)).toMatchObject({ e: "exit", code: 5 });
    expect(front.journal().equals(bytesOf(box.path("tasks", task.id, "journal")))).toBe(true);
  });

  it("tells a command that filled it by itself, and refuses the next task with 99", async () => {
    const front = box.start(taskOf({ line: "cat /dev/zero > $HOME/big; echo over; exit 6" }));
    await front.done;
    expect(front.exit()).toMatchObject({ code: 6 });
    expect(front.output()).toContain("over\n");
    const next = box.start(taskOf({ line: "true" }));
    expect(await next.done).toBe(99);
    rmSync(box.path("home", "big"));
    const after = box.start(taskOf({ line: "echo again" }));
    await after.done;
    expect(after.output()).toBe("again\n");
  });
});

function mountWorks(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "boxd-mount-"));
  const works = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe]).status === 0;
  if (works) spawnSync("umount", [probe]);
  rmSync(probe, { recursive: true, force: true });
  return works;
}
