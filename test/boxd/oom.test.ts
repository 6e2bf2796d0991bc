import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { judge } from "../../app/runs/judge.ts";
import type { Box } from "./box.ts";
import { makeBox, taskOf } from "./box.ts";

/** Small beside what any machine has; `tail` fills it in a moment. */
const LIMIT_BYTES = 32 * 1024 * 1024;
/** Where a group with a limit of its own can be made, and the file that sets it: cgroup v1, then v2. */
const PLACES = [
  ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ["/sys/fs/cgroup", "memory.max"],
] as const;

const group = process.getuid?.() === 0 && countsKills() ? makeGroup("probe") : null;
if (group !== null) rmdirSync(group);

describe.skipIf(group === null)(
  "the kernel's OOM killer (needs root and a memory cgroup of the test's own)",
  () => {
    let box: Box;
    let dir: string;
    beforeEach(async () => {
      box = await makeBox();
      dir = makeGroup("group") ?? "";
    });
    afterEach(() => {
      box.remove();
      rmdirSync(dir);
    });

    it("is told as such, whatever the exit code; a command that survives it is none of its business", async () => {
      const front = box.start(taskOf({ line: `echo 0 > ${dir}/cgroup.procs; tail /dev/zero; exit 3` }));
      expect(await front.done).toBe(0);
      const exit = front.exit();
      expect(exit).toMatchObject({ code: 3, executed: true, survivors: [] });
      expect(exit?.oomKills).toBeGreaterThan(0);
      expect(exit === undefined ? null : judge(exit, 1, null)).toMatchObject({
        kind: "ended",
        outcome: "failed",
        detail: { message: "The box ran out of memory while the command ran." },
      });
      const mended = box.start(
        taskOf({ line: `(echo 0 > ${dir}/cgroup.procs; exec tail /dev/zero); echo went on` }),
      );
      expect(await mended.done).toBe(0);
      const after = mended.exit();
      expect(after).toMatchObject({ code: 0 });
      expect(after === undefined ? null : judge(after, 1, null)).toMatchObject({ outcome: "succeeded" });
    });
  },
);

/** A new group with the limit, or null where that is not possible. */
function makeGroup(name: string): string | null {
  for (const [root, file] of PLACES) {
    const dir = join(root, `crabbox-oom-${process.pid}-${name}`);
    try {
      mkdirSync(dir);
    } catch {
      continue; // No such root, or read-only.
    }
    if (existsSync(join(dir, file))) {
      writeFileSync(join(dir, file), String(LIMIT_BYTES));
      return dir;
    }
    rmdirSync(dir);
  }
  return null;
}

function countsKills(): boolean {
  return /^oom_kill \d+$/m.test(readFileSync("/proc/vmstat", "latin1"));
}
