import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Box } from "./box.ts";
import { PLAIN_UID, makeBox, processesWith, taskOf, until } from "./box.ts";
import type { GitServer } from "./git-server.ts";
import { startGitServer } from "./git-server.ts";
import { makeRepository } from "./repository.ts";

const isRoot = process.getuid?.() === 0;
const works =
  spawnSync("bwrap", [
    "--die-with-parent",
    "--unshare-pid",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "true",
  ]).status === 0;
const users = [["this user", undefined] as const, ...(isRoot ? [["a plain user", PLAIN_UID] as const] : [])];

describe.skipIf(!works).each(users)("bubblewrap (needs bwrap) as %s", (_name, uid) => {
  let state: string;
  let server: GitServer;
  let box: Box;
  let sha: string;

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), "boxd-state-"));
    server = await startGitServer(join(state, "srv"));
    const repository = makeRepository(join(state, "src"), server.bare("o/r.git"));
    repository.write({ "a.txt": "a\n" });
    sha = repository.commit("first");
    writeFileSync(join(state, "secret"), "of the App\n", { mode: 0o644 });
    mkdirSync(join(state, "boxes", "other"), { recursive: true });
    writeFileSync(join(state, "boxes", "other", "file"), "of another box\n");
    box = await makeBox({
      root: join(state, "boxes", "one"),
      env: { CRABBOX_HIDE: state },
      ...(uid === undefined ? {} : { uid }),
    });
    spawnSync("chmod", ["755", state, dirname(box.root)]);
  });
  afterAll(async () => {
    await server.close();
    rmSync(state, { recursive: true, force: true });
  });

  const start = (line: string): ReturnType<Box["start"]> => {
    const sync = { remote: `${server.origin}/o/r.git`, sha, keep: [], owner: "o", repo: "r" };
    return box.start(taskOf({ line, sync, syncToken: server.token, sandbox: "bwrap" }));
  };

  it("shows its own places, git included, and nothing of the App's or of other boxes", async () => {
    const front = start(
      [
        "cat a.txt; git log -1 --format=%s; git status --porcelain; echo x > new; echo y > $HOME/f; echo z > $TMPDIR/t; echo o > /dev/stdout",
        `cat ${state}/secret ${state}/boxes/other/file ${box.path("tasks")}/* 2>/dev/null; ls ${box.root}`,
        `touch /usr/planted ${box.path("git")}/planted ${box.path("boxd-x")} 2>/dev/null; ls /usr/planted 2>/dev/null; ps -e 2>/dev/null | wc -l`,
      ].join("; "),
    );
    await front.done;
    expect(front.exit()).toMatchObject({ code: 0 });
    expect(front.output()).toMatch(/^a\nfirst\no\ngit\nhome\ntmp\nwork\n\d\n$/);
    expect(spawnSync("ls", [box.path("git", "planted"), "/usr/planted"]).status).not.toBe(0);
  });

  it("passes exit codes and signals on, apart", async () => {
    for (const [line, expected] of [
      ["exit 137", { code: 137 }],
      ["kill -KILL $$", { signal: "SIGKILL" }],
      ["kill -SEGV $$", { signal: "SIGSEGV" }],
      ["no-such-command", { code: 127 }],
    ] as const) {
      const front = start(line);
      await front.done;
      expect([line, front.exit()]).toMatchObject([line, expected]);
    }
  });

  it("ends everything inside when the task is cancelled, and when boxd is killed", async () => {
    const seconds = `302.${process.pid}${uid ?? ""}`;
    const front = start(`trap '' TERM; (setsid sleep ${seconds} &); echo up; sleep ${seconds}`);
    await until("the command runs", () => front.output().includes("up"));
    const id = front.events().find((event) => event.e === "task")?.id ?? "";
    box.run(["cancel", id], '{"by":"x"}\n');
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", survivors: [] });
    expect(processesWith(seconds)).toEqual([]);
    const second = start(`(setsid sleep ${seconds} &); echo up; sleep ${seconds}`);
    await until("the command runs", () => second.output().includes("up"));
    const go = spawnSync("cat", [
      box.path("tasks", second.events().find((event) => event.e === "task")?.id ?? "", "go"),
    ]);
    process.kill((JSON.parse(go.stdout.toString()) as { pid: number }).pid, "SIGKILL");
    await second.done;
    expect(second.exit()).toMatchObject({ why: "boxd_died", executed: true, survivors: [] });
    await until("all are gone", () => processesWith(seconds).length === 0);
  });
});
