import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cellCode,
  clampBytes,
  clampMiddle,
  clampTail,
  fence,
  inlineCode,
  shortLine,
  utf8Bytes,
} from "../../app/clamp.ts";
import { plainLine, plainText, stripAnsi } from "../../app/plain-text.ts";

const PIECES = [
  "`",
  "```",
  "``````````",
  "\n",
  "é",
  "💥",
  "\ud83d",
  "\udca5",
  "\u001b[31m",
  "\u0000",
  "\u202e",
  "</details>",
  "@all",
  "x",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 12 })), {
    maxLength: 60,
  })
  .map((parts) => parts.join(""));
const limit = fc.integer({ min: 0, max: 300 });

describe("every clamp, for any text and limit", () => {
  it.each([
    ["clampBytes", clampBytes],
    ["clampTail", clampTail],
    ["clampMiddle", clampMiddle],
    ["fence", fence],
    ["shortLine", (value: string, max: number) => (max < 3 ? "" : shortLine(value, max))],
  ] as const)("%s keeps the limit and whole characters", (_name, clamp) => {
    fc.assert(
      fc.property(text, limit, (value, max) => {
        const result = clamp(value, max);
        expect(utf8Bytes(result)).toBeLessThanOrEqual(max);
        expect(result.isWellFormed()).toBe(true);
        expect(Buffer.from(result).toString("utf8")).toBe(result);
      }),
      { numRuns: 1_000 },
    );
  });

  it("changes nothing that fits", () => {
    fc.assert(
      fc.property(text, (value) => {
        const whole = value.toWellFormed();
        for (const clamp of [clampBytes, clampTail, clampMiddle]) expect(clamp(value, 100_000)).toBe(whole);
      }),
    );
  });
});

describe("fence", () => {
  it("is closed by its last line and by no other", () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 20, max: 400 }),
        fc.constantFrom("head", "tail", "middle_cut"),
        (value, max, keep) => {
          const block = fence(value, max, keep);
          if (block === "") return;
          const lines = block.split("\n");
          const marks = /^`+/u.exec(lines[0] ?? "")?.[0] ?? "";
          expect(marks.length).toBeGreaterThanOrEqual(3);
          expect(lines.at(-1)).toBe(marks);
          for (const line of lines.slice(1, -1)) expect(line.trim().startsWith(marks)).toBe(false);
          // oxlint-disable-next-line no-control-regex -- that none is left is the point
          expect(block).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("keeps the tail of a log and says how much is missing", () => {
    const log = Array.from({ length: 1_000 }, (_, n) => `line ${n}`).join("\n");
    const block = fence(log, 200);
    expect(block).toMatch(/^```text\n\[… \d+ bytes left out …\]\nline \d+\n/u);
    expect(block.endsWith("line 999\n```")).toBe(true);
    expect(fence(log, 200, "middle_cut")).toContain("line 0\n");
  });

  it("stands for a log of 50 MB without a line end", () => {
    const block = fence("x".repeat(50_000_000), 65_535);
    expect(utf8Bytes(block)).toBeLessThanOrEqual(65_535);
    expect(block).toContain("bytes left out");
  });
});

describe("short code", () => {
  it("cannot be left", () => {
    fc.assert(
      fc.property(text, (value) => {
        const span = inlineCode(value, 60);
        const marks = /^`+/u.exec(span)?.[0] ?? "";
        expect(span).not.toContain("\n");
        const inner = span.slice(marks.length, -marks.length);
        for (const run of inner.matchAll(/`+/gu)) expect(run[0]).not.toHaveLength(marks.length);
        expect(cellCode(value, 60).slice("<code>".length, -"</code>".length)).not.toMatch(
          /[|<>`@\\\n]|&(?!#\d+;)/u,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("plain text", () => {
  it.each([
    ["\u001b[1;31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u009b31mred", "red"],
    ["a\u001b(Bb", "ab"],
    ["50%\r100%\r\ndone", "50%\n100%\ndone"],
    ["a\u0000b\u0007", "a␀b␇"],
    ["a\u202eb", "a[U+202E]b"],
    ["\ud800", "\ufffd"],
    ["\u001b", ""],
    ["\u001b]0;never ended\nnext", "0;never ended\nnext"],
    ["tab\tstays", "tab\tstays"],
  ])("%j becomes %j", (input, expected) => {
    expect(plainText(input)).toBe(expected);
  });

  it("is the same when made plain twice, and on one line has no line end", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(plainText(plainText(value))).toBe(plainText(value));
        expect(plainLine(value)).not.toMatch(/[\r\n\t]/u);
        expect(stripAnsi(value)).not.toContain("\u001b[31m");
      }),
    );
  });
});
