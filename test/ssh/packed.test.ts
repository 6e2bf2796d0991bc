import { PassThrough } from "node:stream";
import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";

import { streamJournal } from "../../app/ssh/stream.ts";
import { encodeFrame, FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import { createPacker, PACKED_MAX_BYTES } from "../../runner-bootstrap/boxd/packed.ts";
import { beatFrame, endFrame, eventFrame, outputFrame, taskFrame } from "./journal-frames.ts";

const ID = "att_0123456789ab";
const LINES = Array.from({ length: 2_000 }, (_, at) =>
  outputFrame(`line ${at} of a log that repeats itself\n`),
);

/** A packed frame of whatever is given, as a box that lies could make it. */
function packed(content: Buffer): Buffer {
  return encodeFrame({ type: FRAME.packed, ms: 1_000, payload: zstdCompressSync(content) });
}

async function read(wire: readonly Buffer[]) {
  const source = new PassThrough();
  const sizes: number[] = [];
  let bytes = Buffer.alloc(0);
  let output = "";
  const sink = {
    async append(parts: readonly Buffer[]) {
      const all = Buffer.concat(parts);
      sizes.push(all.length);
      bytes = Buffer.concat([bytes, all]);
      // The disk is slower than the box.
      await new Promise((resolve) => setImmediate(resolve));
    },
    event: () => undefined,
    output: (payload: Buffer) => void (output += payload.toString()),
  };
  const stream = streamJournal(source, { id: ID, offset: 0, maxBytes: 1e9 }, sink, () => 0);
  for (const one of wire) source.write(one);
  source.end();
  const error = await stream.done.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, bytes, sizes, output, stream };
}

describe("packed frames", () => {
  test("open to the journal byte for byte, in turn with plain ones, and show the same output", async () => {
    const pack = createPacker();
    const first = LINES.slice(0, 1_200);
    const second = LINES.slice(1_200);
    const plain = [eventFrame({ e: "note", text: "between" }), outputFrame("plain\n")];
    const wire = [
      taskFrame(ID),
      pack(Buffer.concat(first)),
      ...plain,
      beatFrame(),
      pack(Buffer.concat(second)),
    ];
    expect(wire[1]?.length).toBeLessThan(Buffer.concat(first).length / 4);
    const journal = Buffer.concat([taskFrame(ID), ...first, ...plain, ...second]);
    // As one piece: what is plain comes while packed frames wait.
    const result = await read([Buffer.concat([...wire, endFrame({ code: 3 })])]);
    expect(result.error).toBeNull();
    expect(result.bytes.equals(journal)).toBe(true);
    expect(result.output.split("\n")).toHaveLength(LINES.length + 2);
    expect([result.stream.end?.code, result.stream.offset]).toEqual([3, journal.length]);
    expect(result.stream.wireBytes).toBeLessThan(journal.length / 2);
  });

  test("a little on the wire that opens to much is opened as the sink takes it", async () => {
    const block = packed(
      Buffer.concat(Array.from({ length: 4 }, () => outputFrame(Buffer.alloc(64 * 1024)))),
    );
    const wire = Buffer.concat([taskFrame(ID), ...Array.from({ length: 64 }, () => block), endFrame()]);
    expect(wire.length).toBeLessThan(64 * 1024);
    const result = await read([wire]);
    expect(result.error).toBeNull();
    expect(result.bytes.length).toBe(taskFrame(ID).length + 64 * PACKED_MAX_BYTES);
    expect(Math.max(...result.sizes)).toBeLessThan(1024 * 1024 + PACKED_MAX_BYTES);
  });

  test("what waits last and has nothing for the sink does not hold up what comes after", async () => {
    const source = new PassThrough();
    const sink = { append: async () => undefined, event: () => undefined };
    const stream = streamJournal(source, { id: ID, offset: 0, maxBytes: 1e9 }, sink, () => 0);
    const block = packed(
      Buffer.concat(Array.from({ length: 4 }, () => outputFrame(Buffer.alloc(64 * 1024)))),
    );
    // Four blocks are a batch: the beat is left over.
    source.write(Buffer.concat([taskFrame(ID), block, block, block, block, beatFrame()]));
    await new Promise((resolve) => setImmediate(resolve));
    source.end(endFrame({ code: 5 }));
    await stream.done;
    expect(stream.end?.code).toBe(5);
  });

  test("what does not shrink goes plain, and so does what is short", () => {
    const pack = createPacker();
    const noise = Buffer.concat(Array.from({ length: 4 }, () => outputFrame(randomBytes(64 * 1024))));
    expect(pack(noise)).toBe(noise);
    const short = outputFrame("short");
    expect(createPacker()(short)).toBe(short);
    // For a while after noise nothing is tried; then it is.
    const text = Buffer.concat(LINES);
    const tried = Array.from({ length: 40 }, () => pack(text) !== text);
    expect([tried[0], tried.at(-1)]).toEqual([false, true]);
  });
});

describe("packed lies", () => {
  const good = Buffer.concat([taskFrame(ID), outputFrame("good\n")]);
  const line = outputFrame("line\n");
  const lines = Buffer.concat(LINES.slice(0, 1_000));
  test.each([
    ["no zstd", encodeFrame({ type: FRAME.packed, ms: 1, payload: Buffer.from("not packed") })],
    ["a bomb", packed(Buffer.alloc(PACKED_MAX_BYTES * 8))],
    ["a frame that is not whole", packed(lines.subarray(0, lines.length - 1))],
    ["a header that is not whole", packed(Buffer.concat([lines, Buffer.alloc(7, 1)]))],
    ["a packed frame in a packed one", packed(Buffer.concat([lines, packed(lines)]))],
    ["the end in a packed frame", packed(Buffer.concat([lines, endFrame()]))],
    ["a packed nothing", packed(Buffer.alloc(0))],
    ["what is too short to be packed", packed(line)],
    ["nothing of zstd's", encodeFrame({ type: FRAME.packed, ms: 1, payload: Buffer.alloc(0) })],
  ])("%s: told, and what came before is kept", async (_, lie) => {
    const result = await read([Buffer.concat([good, lie, outputFrame("bad\n")])]);
    expect(result.error).toMatchObject({ code: "box_lied" });
    expect(result.bytes.subarray(0, good.length).equals(good)).toBe(true);
    expect(result.output).not.toContain("bad");
  });

  test("a lie on the wire behind packed frames keeps what they hold", async () => {
    const lines = Buffer.concat(LINES);
    const result = await read([Buffer.concat([good, createPacker()(lines), Buffer.alloc(16, 9)])]);
    expect(result.error).toMatchObject({ code: "box_lied" });
    expect(result.bytes.equals(Buffer.concat([good, lines]))).toBe(true);
  });
});
