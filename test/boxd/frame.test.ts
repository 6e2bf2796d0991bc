import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  FRAME,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_MAX_BYTES,
  PACKED_PAYLOAD_MAX_BYTES,
  FrameError,
  createFrameReader,
  encodeFrame,
  writeFrameHeader,
} from "../../runner-bootstrap/boxd/frame.ts";

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(FRAME.output, FRAME.event, FRAME.beat),
    step: fc.integer({ min: 0, max: 65_535 }),
    ms: fc.integer({ min: 0, max: 2 ** 48 }),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 20 },
);

describe("frames", () => {
  it("come out as they went in, however the stream is cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map((frame) => encodeFrame(frame)));
        const seen: unknown[] = [];
        let journal = 0;
        const reader = createFrameReader(({ type, step, ms, payload, raw }) => {
          seen.push({ type, step, ms, payload: new Uint8Array(payload) });
          if (type < 0x80) journal += raw.length;
        });
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          reader.push(stream.subarray(at, at + size));
          at += size;
          expect(reader.pendingBytes).toBeLessThan(FRAME_HEADER_BYTES + 300);
        }
        expect(seen).toEqual(sent);
        expect(reader.journalBytes).toBe(journal);
      }),
    );
  });

  it("never takes a byte from a stream that lies, and never holds more than one frame of it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const reader = createFrameReader(() => undefined);
        try {
          reader.push(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
          expect(() => reader.push(noise)).toThrow(FrameError);
        }
        expect(reader.pendingBytes).toBeLessThanOrEqual(FRAME_HEADER_BYTES + PACKED_PAYLOAD_MAX_BYTES);
      }),
    );
  });

  it("refuses a length beyond 64 KiB before it has the payload", () => {
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    writeFrameHeader(header, 0, {
      type: FRAME.output,
      flags: 0,
      step: 0,
      length: FRAME_PAYLOAD_MAX_BYTES + 1,
      ms: 1,
    });
    expect(() => createFrameReader(() => undefined).push(header)).toThrow(/65537 bytes/);
  });

  it("refuses anything after the end frame", () => {
    const reader = createFrameReader(() => undefined);
    const end = encodeFrame({ type: FRAME.end, ms: 1, payload: Buffer.from("{}") });
    reader.push(end);
    expect(() => reader.push(end)).toThrow(/after the end/);
  });
});
