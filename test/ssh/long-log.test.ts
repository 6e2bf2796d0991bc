import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { readLongLog } from "../../app/ssh/long-log.ts";
import { boxStage, createCopy, taskOf } from "./box-stage.ts";
import { endFrame, outputFrame, taskFrame } from "./journal-frames.ts";
import { shellCommand } from "../../app/ssh/quote.ts";

import type { FollowSink } from "../../app/ssh/stream.ts";

let stage: Awaited<ReturnType<typeof boxStage>>;
const never = new AbortController().signal;
const ID = "task_long_log";
const task = { id: ID, offset: 0, maxBytes: 1e9, limitBytes: Number.POSITIVE_INFINITY };
const LINES = Array.from({ length: 3_000 }, (_, at) => outputFrame(`${at} ${"x".repeat(at)}\n`));
const JOURNAL = Buffer.concat([taskFrame(ID), ...LINES]);

beforeAll(async () => {
  stage = await boxStage();
});
beforeEach(() => {
  stage.proxy.cutAt(Number.POSITIVE_INFINITY);
});
afterAll(async () => {
  await stage.stop();
});

/** What a front of the box would send, from a program that only knows these bytes. */
function saying(bytes: Buffer, then = "exit 0"): string {
  return shellCommand(`printf %s "$1" | base64 -d | gzip -d; ${then}`, [gzipSync(bytes).toString("base64")]);
}

async function read(command: string, sink: FollowSink, signal: AbortSignal = never) {
  return readLongLog(stage.address, command, task, sink, signal);
}

test("a log read in the thread is the journal byte for byte, its events in order, its end told", async () => {
  const copy = createCopy();
  const end = await read(saying(Buffer.concat([JOURNAL, endFrame({ code: 4 })])), copy.sink);
  expect(end).toMatchObject({ kind: "end", exit: { code: 4 } });
  expect(copy.bytes().equals(JOURNAL)).toBe(true);
  expect(copy.events.map(({ e }) => e)).toEqual(["task"]);
});

test("a lie keeps its name over the thread's border, and so does a wrong host key", async () => {
  const lie = Buffer.concat([taskFrame("task_other")]);
  await expect(read(saying(lie), createCopy().sink)).rejects.toMatchObject({ code: "box_lied" });
  const other = { ...stage.address, hostKey: `SHA256:${"A".repeat(43)}` };
  await expect(readLongLog(other, "true", task, createCopy().sink, never)).rejects.toMatchObject({
    code: "host_key_changed",
  });
});

test("a stream that stops without an end says how far the copy came", async () => {
  const copy = createCopy();
  const end = await read(saying(JOURNAL, "exit 1"), copy.sink);
  expect(end).toMatchObject({ kind: "lost", offset: JOURNAL.length });
  expect(copy.length).toBe(JOURNAL.length);
});

test("the sink's own error comes out, and nothing is appended after it", async () => {
  let appends = 0;
  const full = new Error("disk full");
  const sink: FollowSink = {
    append() {
      appends += 1;
      return Promise.reject(full);
    },
    event: () => undefined,
  };
  await expect(read(saying(Buffer.concat([JOURNAL, endFrame()])), sink)).rejects.toBe(full);
  expect(appends).toBe(1);
});

test("an abort ends the wait with its own reason, while the box says nothing", async () => {
  const stop = new AbortController();
  const reason = new Error("let go");
  const sink = createCopy().sink;
  const running = read(
    saying(taskFrame(ID), "cat"),
    {
      ...sink,
      event: () => stop.abort(reason),
    },
    stop.signal,
  );
  await expect(running).rejects.toBe(reason);
});

test("a task whose log gets long changes over to the thread and loses nothing", async () => {
  const link = await stage.open();
  const copy = createCopy();
  const text = "head -c 52000000 /dev/urandom | base64";
  const result = await link.start(taskOf("task_changes", text), 0, copy.sink, never);
  expect(result).toMatchObject({ end: { code: 0 } });
  const journal = readFileSync(join(stage.rootDir, "tasks", "task_changes", "journal"));
  expect(journal.length).toBeGreaterThan(64 * 1024 * 1024);
  expect(hash(copy.bytes())).toBe(hash(journal));
});

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
