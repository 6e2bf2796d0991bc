import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createPktReader, pktLine } from "../../runner-bootstrap/boxd/sync/pkt-line.ts";

describe("pkt-lines", () => {
  const read = (chunks: readonly Buffer[]): { lines: string[]; isOpen: boolean } => {
    const lines: string[] = [];
    const reader = createPktReader((line) => {
      lines.push(line.kind === "data" ? `=${line.bytes.toString()}` : line.kind);
      return true;
    });
    const isOpen = chunks.map((chunk) => reader.push(chunk)).every(Boolean);
    return { lines, isOpen };
  };

  it("are the same wherever they are cut", () => {
    const texts = fc.array(fc.string({ unit: "binary", maxLength: 200 }), { maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 50 }), (words, step) => {
        const bytes = Buffer.from(`${words.map((word) => pktLine(word)).join("0001")}0000`);
        const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, n) =>
          bytes.subarray(n * step, (n + 1) * step),
        );
        const expected = words.flatMap((word, n) => (n === 0 ? [`=${word}`] : ["delimiter", `=${word}`]));
        expect(read(chunks)).toEqual({ lines: [...expected, "flush"], isOpen: true });
      }),
    );
  });

  it("never throw, and stop at what is none", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        read(chunks.map((chunk) => Buffer.from(chunk)));
      }),
    );
    for (const text of ["zzzz", "fff1", "-001", " 1a "])
      expect(read([Buffer.from(text)])).toEqual({ lines: [], isOpen: false });
  });
});
