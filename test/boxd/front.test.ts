import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { FRONT_EXIT } from "../../runner-bootstrap/boxd/task.ts";
import type { BoxStatus } from "../../runner-bootstrap/boxd/status-wire.ts";
import type { Box } from "./box.ts";
import { hashOf, makeBox, taskOf, until } from "./box.ts";

describe("fronts", () => {
  let box: Box;
  beforeAll(async () => {
    box = await makeBox();
  });
  afterAll(() => box.remove());

  it("refuse what is no task, without echoing it", async () => {
    const good = taskOf({ line: "true" });
    const sync = { remote: "https://h/o/r.git", sha: "a".repeat(40), keep: [], owner: "o", repo: "r" };
    const withSync = (...entries: [string, unknown][]): object =>
      Object.assign({}, good, { sync: Object.assign({}, sync, Object.fromEntries(entries)) });
    const bad: unknown[] = [
      "no json",
      { ...good, v: 3 },
      { ...good, id: "../x" },
      { ...good, secrets: "my-secret-value" },
      { ...good, env: { "A B": "x" } },
      { ...good, graceMs: 1e9 },
      {
        ...good,
        sync: { remote: "https://u:p@h/o/r.git", sha: "a".repeat(40), keep: [], owner: "o", repo: "r" },
      },
      { ...good, sync: { remote: "ext::sh", sha: "a".repeat(40), keep: [], owner: "o", repo: "r" } },
      {
        ...good,
        sync: { remote: "https://h/o/r.git", sha: "a".repeat(39), keep: [], owner: "o", repo: "r" },
      },
      ...["!x", "../x", "/x", "-x", ".git", "a/.git/b", "a\nb"].map((keep) => withSync(["keep", [keep]])),
      {
        ...good,
        sync: { remote: "https://h/o/r.git", sha: "a".repeat(40), keep: [], owner: "..", repo: "r" },
      },
      { ...good, execute: { kind: "line", text: "true", workingDirectory: "../.." } },
    ];
    for (const value of bad) {
      const front = box.follow(["start"]);
      front.child.stdin?.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
      expect([value, await front.done]).toEqual([value, FRONT_EXIT.refused]);
      expect(front.stderr()).not.toContain("my-secret-value");
    }
  });

  it("answer absent tasks and blobs at once", async () => {
    expect(await box.follow(["follow", "t_none", "0"]).done).toBe(FRONT_EXIT.notThere);
    expect(box.run(["get-blob", "a".repeat(64)]).code).toBe(FRONT_EXIT.notThere);
    expect(JSON.parse(box.run(["settle", "t_none"]).stdout)).toEqual({ id: "t_none", state: "absent" });
    expect(JSON.parse(box.run(["cancel", "t_none"], '{"by":"x"}\n').stdout)).toMatchObject({
      state: "absent",
      told: false,
    });
    expect(box.run(["nonsense"]).code).toBe(FRONT_EXIT.refused);
  });

  it("settle a claim that never came to go", async () => {
    const id = "t_stillborn";
    mkdirSync(box.path("tasks", id));
    expect(JSON.parse(box.run(["settle", id]).stdout)).toMatchObject({ state: "starting" });
    utimesSync(box.path("tasks", id), 0, 0);
    const front = box.follow(["follow", id, "0"]);
    expect(await front.done).toBe(0);
    expect(front.exit()).toMatchObject({ why: "never_started", executed: false });
    // A supervisor that wakes up too late finds the door shut.
    expect(readFileSync(box.path("tasks", id, "go"), "utf8")).toBe('{"void":true}');
  });

  it("status and sweep: every task with its state; only finished ones go", async () => {
    const done = taskOf({ line: "true" });
    await box.start(done).done;
    const running = taskOf({ line: "echo up; sleep 300" });
    const front = box.start(running);
    await until("it runs", () => front.output().includes("up"));
    const status = JSON.parse(box.run(["status"]).stdout) as BoxStatus;
    expect(status.tasks).toContainEqual(
      expect.objectContaining({ id: done.id, state: "done", executed: true }),
    );
    expect(status.tasks).toContainEqual(
      expect.objectContaining({ id: running.id, state: "running", executed: true }),
    );
    expect(status).toMatchObject({ v: 2, node: process.version });
    const sweep = (...tasks: { id: string; sha256: string }[]) =>
      JSON.parse(box.run(["sweep"], `${JSON.stringify({ tasks })}\n`).stdout) as unknown;
    const copyOf = ({ id }: { id: string }) => ({ id, sha256: hashOf(box.path("tasks", id, "journal")) });
    const other = { id: done.id, sha256: "0".repeat(64) };
    expect(sweep(other, copyOf(running))).toEqual({ removed: [], kept: [done.id, running.id] });
    expect(existsSync(box.path("tasks", done.id, "journal"))).toBe(true);
    expect(box.run(["sweep"], '{"tasks":[{"id":"../x","sha256":""}]}\n').code).toBe(FRONT_EXIT.refused);
    expect(sweep(copyOf(done), copyOf(running))).toEqual({ removed: [done.id], kept: [running.id] });
    expect(sweep(other)).toEqual({ removed: [], kept: [] });
    expect(existsSync(box.path("tasks", running.id))).toBe(true);
    expect(box.run(["wipe"]).code).toBe(FRONT_EXIT.refused);
    box.run(["cancel", running.id], '{"by":"x"}\n');
    await front.done;
    writeFileSync(box.path("home", "left"), "x");
    expect(box.run(["wipe"]).code).toBe(0);
    expect(existsSync(box.path("home", "left"))).toBe(false);
    expect(existsSync(box.path("tasks", running.id, "exit"))).toBe(true);
  });

  it("take and give blobs by their hash, whole or not at all", async () => {
    const blob = randomBytes(300_000);
    const sha = createHash("sha256").update(blob).digest("hex");
    const put = (bytes: Buffer, size = bytes.length): number | null =>
      spawnSync(process.execPath, [box.program, "put-blob", sha, String(size)], {
        input: bytes,
        env: { CRABBOX_ROOT: box.root },
      }).status;
    expect(put(blob.subarray(1), blob.length)).toBe(FRONT_EXIT.refused);
    expect(put(Buffer.concat([blob, blob]), blob.length * 2)).toBe(FRONT_EXIT.refused);
    expect(box.run(["get-blob", sha]).code).toBe(FRONT_EXIT.notThere);
    expect(put(blob)).toBe(0);
    // What is held is not asked for again, unless somebody has changed it.
    expect(put(Buffer.alloc(0), blob.length)).toBe(0);
    writeFileSync(box.path("blobs", sha), Buffer.alloc(blob.length));
    expect(put(Buffer.alloc(0), blob.length)).toBe(FRONT_EXIT.refused);
    expect(put(blob)).toBe(0);
    const got = spawnSync(process.execPath, [box.program, "get-blob", sha], {
      env: { CRABBOX_ROOT: box.root },
      maxBuffer: 1e9,
    });
    expect(got.stdout.equals(blob)).toBe(true);
  });

  it("extend moves the dead-man's switch, which expire.sh reads", () => {
    const expire = new URL("../../runner-bootstrap/expire.sh", import.meta.url).pathname;
    const check = (): string =>
      spawnSync("bash", [expire, "check", box.path("expires-at")], { encoding: "utf8" }).stdout;
    expect(check()).toBe("unset\n");
    expect(box.run(["extend", "-"], `${JSON.stringify({ expiresAt: Date.now() + 600_000 })}\n`).code).toBe(0);
    expect(check()).toMatch(/^live \d+\n$/);
    box.run(["extend", "-"], `${JSON.stringify({ expiresAt: Date.now() - 60_000 })}\n`);
    expect(check()).toMatch(/^past \d+\n$/);
    expect(box.run(["extend", "-"], '{"expiresAt":"soon"}\n').code).toBe(FRONT_EXIT.refused);
  });

  it("the switch cancels a slot's tasks when the lease is over", async () => {
    const expire = new URL("../../runner-bootstrap/expire.sh", import.meta.url).pathname;
    const front = box.start(taskOf({ line: "echo up; sleep 300" }));
    await until("it runs", () => front.output().includes("up"));
    box.run(["extend", "-"], `${JSON.stringify({ expiresAt: Date.now() - 60_000 })}\n`);
    spawnSync("bash", [expire, "watch", box.path("expires-at"), "slot", box.root], { timeout: 30_000 });
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", by: "lease expired" });
  });
});
