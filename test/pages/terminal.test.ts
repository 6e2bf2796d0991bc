import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

type Style = {
  readonly fg: number | string | null;
  readonly bg: number | string | null;
  readonly flags: number;
};
type Run = { readonly text: string; readonly style: Style };
type Terminal = { terminalLine(line: string): readonly Run[] };

// The page's own script, which has no types: it runs in browsers as it is.
const path = new URL("../../app/pages/assets/terminal.js", import.meta.url).href;
const { terminalLine } = (await import(path)) as Terminal;
const text = (line: string): string =>
  terminalLine(line)
    .map((run) => run.text)
    .join("");

describe("a line of a terminal", () => {
  test.each<[string, string]>([
    ["plain", "plain"],
    ["10%\r50%\r100%", "100%"],
    ["100%\r50", "500%"],
    ["long text\r\u001b[Kshort", "short"],
    ["abc\b\bX", "aXc"],
    ["done\r", "done"],
    ["a\tb", "a       b"],
    ["abc\u001b[2Dx", "axc"],
    ["abc\u001b[1Gx", "xbc"],
    ["a\u001b[3Cb", "a   b"],
    ["abc\u001b[1K", "   "],
    ["abc\u001b[2K", "   "],
    ["a\u001b]0;title\u0007b", "ab"],
    ["\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["a\u001b[?25lb\u001b(Bc\u001b=d", "abcd"],
    ["bell\u0007", "bell"],
    ["nul\u0000", "nul\u2400"],
    ["x\u202Ey", "x[U+202E]y"],
    ["🦀\r🐚", "🐚"],
    ["", ""],
  ])("%j shows %j", (line, shown) => {
    expect(text(line)).toBe(shown);
  });

  test.each<[string, Style]>([
    ["\u001b[31mx", { fg: 1, bg: null, flags: 0 }],
    ["\u001b[1;91;44mx", { fg: 9, bg: 4, flags: 1 }],
    ["\u001b[38;5;9mx", { fg: 9, bg: null, flags: 0 }],
    ["\u001b[38;5;196mx", { fg: "rgb(255 0 0)", bg: null, flags: 0 }],
    ["\u001b[48;5;240mx", { fg: null, bg: "rgb(88 88 88)", flags: 0 }],
    ["\u001b[38;2;1;2;3mx", { fg: "rgb(1 2 3)", bg: null, flags: 0 }],
    ["\u001b[38:2::1:2:3mx", { fg: "rgb(1 2 3)", bg: null, flags: 0 }],
    ["\u001b[38;2;1;2;3;4mx", { fg: "rgb(1 2 3)", bg: null, flags: 8 }],
    ["\u001b[1m\u001b[22mx", { fg: null, bg: null, flags: 0 }],
    ["\u001b[31m\u001b[mx", { fg: null, bg: null, flags: 0 }],
    ["\u001b[999;38;9mx", { fg: null, bg: null, flags: 32 }],
  ])("%j has the style %j", (line, style) => {
    expect(terminalLine(line)).toEqual([{ text: "x", style }]);
  });

  test("is parted where the style changes", () => {
    expect(terminalLine("a\u001b[32mb\u001b[32mc\u001b[0md").map((run) => run.text)).toEqual([
      "a",
      "bc",
      "d",
    ]);
  });

  test("never shows a control character, never breaks, and stays in its bounds, whatever comes", () => {
    const piece = fc.constantFrom(
      "\u001b[",
      "\u001b",
      "\u009b",
      "\r",
      "\b",
      "\t",
      "0",
      "9999999999",
      ";",
      ":",
      "m",
      "C",
      "G",
      "K",
      "\u001b]",
      "\u0007",
      "é",
      "🦀",
      "\ud800",
      "\u0000",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const shown = text(pieces.join(""));
        // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/u);
        expect(shown.length).toBeLessThan(30_000);
      }),
      { numRuns: 500 },
    );
  });
});
