import { afterAll, beforeAll, expect, test } from "vitest";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";

import { boxStage, clock, createCopy, taskOf } from "./box-stage.ts";

import type { BoxLink } from "../../app/ssh/boxd-client.ts";

let stage: Awaited<ReturnType<typeof boxStage>>;
let link: BoxLink;
const never = new AbortController().signal;

beforeAll(async () => {
  stage = await boxStage();
  link = await stage.open();
});
afterAll(async () => {
  await stage.stop();
});

function journal(id: string): Buffer {
  return readFileSync(join(stage.rootDir, "tasks", id, "journal"));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("waited for a minute");
    await clock.sleep(10);
  }
}

test("a box without boxd gets it, runs the task, and gives the journal byte for byte", async () => {
  const copy = createCopy();
  const result = await link.start(
    taskOf("task_first", "echo out; echo err >&2; exit 3"),
    0,
    copy.sink,
    never,
  );
  expect(result).toMatchObject({ end: { code: 3, executed: true } });
  expect(copy.bytes().equals(journal("task_first"))).toBe(true);
  expect(copy.bytes().toString("latin1")).toContain("out\n");
  expect(copy.events[0]).toMatchObject({ e: "task", id: "task_first" });
});

test("a loaded channel serves one start; the same task again attaches to the first", async () => {
  await link.prepare();
  const count = `count=$(cat n 2>/dev/null || echo 0); echo $((count + 1)) > n; cat n`;
  const first = createCopy();
  await link.start(taskOf("task_once", count), 0, first.sink, never);
  const second = createCopy();
  const again = await link.start(taskOf("task_once", count), 0, second.sink, never);
  expect(again).toMatchObject({ end: { code: 0 } });
  expect(second.bytes().equals(first.bytes())).toBe(true);
  const rest = createCopy();
  expect(await link.follow("task_once", first.length, rest.sink, never)).toMatchObject({ end: { code: 0 } });
  expect(rest.length).toBe(0);
});

test("cut again and again in the middle of a log, the copy is the journal", async () => {
  const id = "task_cut";
  const copy = createCopy();
  // A copy that begins with what there is: offsets continue over every lost link.
  const text = "for i in $(seq 1 40); do head -c 500000 /dev/urandom | base64; sleep 0.05; done";
  let cuts = 0;
  for (;;) {
    if (cuts < 8) stage.proxy.cutAt(stage.proxy.bytesDown + 1_200_000);
    const result = await link
      .start(taskOf(id, text), copy.length, { ...copy.sink }, never)
      .catch((error: unknown) => ({ lost: String(error) }));
    if ("end" in result) break;
    cuts += 1;
    expect(cuts).toBeLessThan(60);
  }
  expect(cuts).toBeGreaterThan(0);
  expect(copy.bytes().equals(journal(id))).toBe(true);
});

test("a cancel is heard while a gigabyte is on its way and the reader sleeps", async () => {
  const copy = createCopy();
  let reads = 0;
  const slow = {
    ...copy.sink,
    append: async () => {
      reads += 1;
      await clock.sleep(100);
    },
  };
  const stop = new AbortController();
  const task = taskOf("task_endless", "while :; do head -c 1000000 /dev/zero; done");
  const running = link.start(task, 0, slow, stop.signal);
  await until(() => reads > 3);
  await link.cancel("task_endless", "@tester");
  const exit = join(stage.rootDir, "tasks", "task_endless", "exit");
  await until(() => existsSync(exit));
  expect(JSON.parse(readFileSync(exit, "utf8"))).toMatchObject({ why: "cancelled", by: "@tester" });
  expect(await link.settle("task_endless")).toBe("done");
  stop.abort();
  await expect(running).rejects.toBeDefined();
});

test("an abort lets go and leaves the task running; extend and token reach it", async () => {
  const stop = new AbortController();
  const copy = createCopy();
  const running = link.start(taskOf("task_long", "echo begun; sleep 600"), 0, copy.sink, stop.signal);
  await until(() => copy.bytes().includes("begun"));
  stop.abort();
  await expect(running).rejects.toBeDefined();
  await link.extend("task_long", Date.now() + 200_000, Date.now() + 300_000);
  await link.token("task_long", "a-token");
  const status = await link.status();
  expect(status.tasks).toContainEqual(expect.objectContaining({ id: "task_long", state: "running" }));
  await link.cancel("task_long", "test");
  expect(await link.follow("task_long", copy.length, copy.sink, never)).toMatchObject({
    end: { why: "cancelled" },
  });
  const sha256 = createHash("sha256").update(copy.bytes()).digest("hex");
  expect(await link.sweep([{ id: "task_long", sha256: "0".repeat(64) }])).toEqual(["task_long"]);
  expect(await link.sweep([{ id: "task_long", sha256 }])).toEqual([]);
  expect((await link.status()).tasks.map(({ id }) => id)).not.toContain("task_long");
});

test("a task the box does not know cannot be followed", async () => {
  await expect(link.follow("task_nobody", 0, createCopy().sink, never)).rejects.toMatchObject({
    code: "task_unknown",
  });
  await expect(
    link.start({ ...taskOf("task_x", "true"), id: "../x" }, 0, createCopy().sink, never),
  ).rejects.toMatchObject({
    code: "task_refused",
  });
});

test("blobs go both ways by their hash; one that is not there is told at once", async () => {
  const blob = randomBytes(3_000_000);
  const sha = createHash("sha256").update(blob).digest("hex");
  await link.putBlob(sha, blob.length, () => Readable.from([blob]));
  const target = new PassThrough();
  const [got, came] = await Promise.all([link.getBlob(sha, blob.length, target, never), target.toArray()]);
  expect(got).toBe(true);
  expect(Buffer.concat(came as Buffer[]).equals(blob)).toBe(true);
  const wrong = createHash("sha256").update("other").digest("hex");
  await expect(link.putBlob(wrong, blob.length, () => Readable.from([blob]))).rejects.toMatchObject({
    code: "task_refused",
  });
  expect(await link.getBlob(wrong, 10, new PassThrough().resume(), never)).toBe(false);
});
