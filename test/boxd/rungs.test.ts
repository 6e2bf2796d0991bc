import { spawnSync } from "node:child_process";

import { afterEach, describe, expect, it } from "vitest";

import { cgroup2Root, freezerRoot } from "../../runner-bootstrap/boxd/contain/cgroup.ts";
import type { Rung } from "../../runner-bootstrap/boxd/task.ts";
import type { Box } from "./box.ts";
import { PLAIN_UID, makeBox, pidsWith, processesWith, taskOf, until } from "./box.ts";
import { canBwrap, canUnshare, holdTo } from "./rung.ts";

const isRoot = process.getuid?.() === 0;
const [two, one] = isRoot ? [cgroup2Root(), freezerRoot()] : [undefined, undefined];

/** A child, a session of its own, a daemon that clears its environment; and one that forks away again and again. */
const victim = (word: string, isHopping: boolean): string =>
  [
    "trap '' TERM INT HUP QUIT",
    `sleep ${word} & (setsid sleep ${word} &)`,
    `(cd / && setsid env -i /bin/sleep ${word} </dev/null >/dev/null 2>&1 &)`,
    isHopping
      ? `hop() { (trap '' TERM; setsid bash -c "$HOP" ${word} >/dev/null 2>&1 &); }; export HOP='sleep 0.01; (setsid bash -c "$HOP" $0 &)'; hop`
      : "true",
    `echo up; sleep ${word}`,
  ].join("; ");

const rungs: readonly (readonly [Rung, boolean, Record<string, string>, number | undefined, boolean])[] = [
  ["cgroup2", two !== undefined, { cgroupRoot: two ?? "" }, undefined, true],
  ["cgroup1-freezer", one !== undefined, { cgroupRoot: one ?? "" }, undefined, true],
  ["pid-namespace", canUnshare, {}, undefined, true],
  ["bwrap", canBwrap, {}, isRoot ? PLAIN_UID : undefined, true],
  ["best-effort", true, {}, undefined, false],
];

describe("rungs of the ladder", () => {
  let box: Box | undefined;
  afterEach(() => box?.remove());

  for (const [rung, isHere, more, uid, endsAll] of rungs) {
    it.skipIf(!isHere)(
      `${rung} ends everything, on cancel and after boxd's death (needs it on this machine)`,
      async () => {
        box = await makeBox(uid === undefined ? {} : { uid });
        holdTo(box, rung, more);
        for (const how of ["cancel", "kill"] as const) {
          const word = `303.${process.pid}${rung.length}${how.length}`;
          const task = taskOf({ line: victim(word, endsAll) });
          const front = box.start(task);
          await until("the victim is up", () => front.output().includes("up"));
          expect(front.events()[0]).toMatchObject({ e: "task", rung });
          if (how === "cancel") box.run(["cancel", task.id], '{"by":"x"}\n');
          else killSupervisor(box, task.id);
          expect(await front.done).toBe(0);
          expect(front.exit()).toMatchObject({
            why: how === "cancel" ? "cancelled" : "boxd_died",
            survivors: [],
            executed: true,
            rung,
          });
          if (endsAll) await until("all are gone", () => processesWith(word).length === 0);
          else for (const line of processesWith(word)) expect(line).toMatch(/^\/bin\/sleep /);
          for (const pid of pidsWith(word)) process.kill(pid, "SIGKILL");
        }
      },
    );
  }
});

function killSupervisor(box: Box, id: string): void {
  const go = spawnSync("cat", [box.path("tasks", id, "go")]).stdout.toString();
  process.kill((JSON.parse(go) as { pid: number }).pid, "SIGKILL");
}
