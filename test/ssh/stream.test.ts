import { array, assert, asyncProperty, integer } from "fast-check";
import { describe, expect, test } from "vitest";
import { once } from "node:events";
import { PassThrough } from "node:stream";

import { streamJournal } from "../../app/ssh/stream.ts";
import { beatFrame, endFrame, eventFrame, outputFrame, taskFrame } from "./journal-frames.ts";

import type { FollowSink } from "../../app/ssh/stream.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";

const ID = "att_0123456789ab";

type Kept = { bytes: Buffer; events: TaskEvent["e"][]; output: string };

function collector(delayMs = 0): { sink: FollowSink; kept: Kept } {
  const kept: Kept = { bytes: Buffer.alloc(0), events: [], output: "" };
  const sink: FollowSink = {
    async append(bytes, journalOffset) {
      if (journalOffset !== kept.bytes.length) throw new Error(`gap at ${journalOffset}`);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      kept.bytes = Buffer.concat([kept.bytes, ...bytes]);
    },
    event: (event) => void kept.events.push(event.e),
    output: (payload) => {
      kept.output += payload.toString("latin1");
    },
  };
  return { sink, kept };
}

async function read(chunks: readonly Buffer[], options: { offset?: number; maxBytes?: number } = {}) {
  const source = new PassThrough();
  const { sink, kept } = collector();
  const task = { id: ID, offset: options.offset ?? 0, maxBytes: options.maxBytes ?? 1e9 };
  const stream = streamJournal(source, task, sink, () => 0);
  for (const chunk of chunks) source.write(chunk);
  source.end();
  const error = await stream.done.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, kept, end: stream.end, offset: stream.offset };
}

describe("a journal's stream", () => {
  test("arrives whole, in order and without the wire's own frames, however it is cut", async () => {
    const lines = Array.from({ length: 40 }, (_, at) => outputFrame(`line ${at} ${"x".repeat(at * 40)}\n`));
    const frames = [
      taskFrame(ID),
      ...lines,
      eventFrame({ e: "note", text: "ø" }),
      outputFrame(Buffer.alloc(0)),
    ];
    const journal = Buffer.concat(frames);
    const wire = Buffer.concat([...frames.flatMap((frame) => [frame, beatFrame()]), endFrame({ code: 7 })]);
    const cuts = array(integer({ min: 1, max: wire.length - 1 }), { maxLength: 30 });
    await assert(
      asyncProperty(cuts, async (at) => {
        const places = [0, ...at.toSorted((a, b) => a - b), wire.length];
        const chunks = places.slice(1).map((end, index) => wire.subarray(places[index], end));
        const result = await read(chunks);
        expect(result.error).toBeNull();
        expect(result.kept.bytes.equals(journal)).toBe(true);
        expect(result.kept.events).toEqual(["task", "note"]);
        expect(result.kept.output.split("\n")).toHaveLength(41);
        expect([result.end?.code, result.offset]).toEqual([7, journal.length]);
      }),
      { numRuns: 60 },
    );
  });

  test("ends without an end when the link does, and keeps whole frames only", async () => {
    const whole = Buffer.concat([taskFrame(ID), outputFrame("kept")]);
    const result = await read([whole, outputFrame("torn").subarray(0, 18)]);
    expect(result).toMatchObject({ error: null, end: null, offset: whole.length });
    expect(result.kept.bytes.equals(whole)).toBe(true);
  });

  test("what comes while the sink writes is kept, also at the source's end", async () => {
    const source = new PassThrough();
    const { sink, kept } = collector();
    const { promise: written, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const slow: FollowSink = {
      ...sink,
      async append(bytes, journalOffset) {
        begin();
        await written;
        await sink.append(bytes, journalOffset);
      },
    };
    const stream = streamJournal(source, { id: ID, offset: 0, maxBytes: 1e9 }, slow, () => 0);
    const journal = [taskFrame(ID), outputFrame("meanwhile"), endFrame({ code: 0 })];
    source.write(journal[0]);
    await begun;
    source.end(Buffer.concat(journal.slice(1)));
    await once(source, "end");
    goOn();
    await stream.done;
    expect(kept.output).toBe("meanwhile");
    expect([stream.end?.code, kept.bytes.length]).toEqual([0, Buffer.concat(journal.slice(0, 2)).length]);
  });

  test("a sink that fails ends it with the sink's own error", async () => {
    const source = new PassThrough();
    const full = new Error("disk full");
    const stream = streamJournal(
      source,
      { id: ID, offset: 0, maxBytes: 1e9 },
      { append: () => Promise.reject(full), event: () => undefined },
      () => 0,
    );
    source.write(taskFrame(ID));
    await expect(stream.done).rejects.toBe(full);
  });

  test("a slow sink stops the reading", async () => {
    const source = new PassThrough({ highWaterMark: 64 * 1024 });
    const { sink } = collector(50);
    const stream = streamJournal(source, { id: ID, offset: 0, maxBytes: 1e9 }, sink, () => 0);
    const chunk = outputFrame(Buffer.alloc(60_000));
    source.write(taskFrame(ID));
    let refused = 0;
    for (let sent = 0; sent < 100; sent += 1) {
      if (source.write(chunk)) continue;
      refused += 1;
      await new Promise((resolve) => source.once("drain", resolve));
    }
    source.end(endFrame());
    await stream.done;
    expect(refused).toBeGreaterThan(0);
    expect(stream.end?.code).toBe(0);
  });
});

describe("a box that lies", () => {
  const huge = Buffer.concat([
    taskFrame(ID),
    Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]);
  type Lie = [what: string, chunks: readonly Buffer[], options?: { offset?: number; maxBytes?: number }];
  const lies: Lie[] = [
    ["another task's journal", [taskFrame("att_other0000000")]],
    ["a version nobody shipped", [taskFrame(ID, { v: 99 })]],
    ["output before the task", [outputFrame("x")]],
    ["an event before the task", [eventFrame({ e: "note", text: "x" })]],
    ["a second beginning", [taskFrame(ID), taskFrame(ID)]],
    ["a beginning in the middle", [taskFrame(ID)], { offset: 100 }],
    ["a frame of 4 GiB", [huge]],
    ["an unknown frame", [taskFrame(ID), Buffer.alloc(16, 9)]],
    ["an event that is no JSON", [taskFrame(ID), eventFrame({}).fill("{", 16)]],
    ["an event nobody knows", [taskFrame(ID), eventFrame({ e: "root" })]],
    ["a note without bound", [taskFrame(ID), eventFrame({ e: "note", text: "x".repeat(40_000) })]],
    ["a wrong exit", [taskFrame(ID), endFrame({ code: 1e9 })]],
    ["bytes after the end", [Buffer.concat([taskFrame(ID), endFrame(), outputFrame("more")])]],
    ["a journal without end", [taskFrame(ID), outputFrame(Buffer.alloc(2_000))], { maxBytes: 1_000 }],
  ];
  test.each(lies.map(([what, chunks, options]) => ({ what, chunks, options })))(
    "is told so: $what",
    async ({ chunks, options }) => {
      const result = await read(chunks, options);
      expect(result.error).toMatchObject({ code: "box_lied" });
    },
  );

  test("what came before the lie is kept, nothing after it", async () => {
    const good = Buffer.concat([taskFrame(ID), outputFrame("good")]);
    const result = await read([Buffer.concat([good, Buffer.alloc(16, 9), outputFrame("bad")])]);
    expect(result.kept.bytes.equals(good)).toBe(true);
  });
});
