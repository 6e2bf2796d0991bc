import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseKeyValues } from "../../../runner-bootstrap/boxd/steps/engine/key-values.ts";

const read = (text: string) => parseKeyValues(text, (line) => line);

describe("the format of GITHUB_ENV and GITHUB_OUTPUT", () => {
  it("has plain lines and values of several lines", () => {
    expect(read("A=1\n\nB=x=y<<z\nC<<EOF\none\n\ntwo\nEOF\nD=\nE<<X\nX\nF<<END\nlast\nEND").pairs).toEqual([
      ["A", "1"],
      ["B", "x=y<<z"],
      ["C", "one\n\ntwo"],
      ["D", ""],
      ["E", ""],
      ["F", "last"],
    ]);
  });

  it("keeps what stood before the first fault, and tells its line", () => {
    expect(read("A=1\nnonsense\nB=2")).toEqual({
      pairs: [["A", "1"]],
      fault: 'line 2: expected NAME=value or NAME<<DELIMITER, found "nonsense"',
    });
    expect(read("A<<EOF\nx\nEOFF\n").fault).toBe(
      'line 1: the closing delimiter "EOF" does not come on a line of its own',
    );
    expect(read("X<<E\na\nE\n<<EOF\nEOF\n").fault).toMatch(/^line 4: .* needs a name/);
    expect(read("A<<\n\n").fault).toMatch(/a delimiter behind it/);
    expect(read("=x").fault).toMatch(/no name/);
    expect(read("y".repeat(1000)).fault?.length).toBeLessThan(200);
    const secret = "s".repeat(1000);
    const { fault } = parseKeyValues(`x ${secret}`, (line) => line.replace(secret, "***"));
    expect(fault).toMatch(/found "x \*\*\*"$/);
  });

  it("gives back every value that does not hold its delimiter", () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
    const value = fc.string({ maxLength: 200 }).filter((text) => !text.split("\n").includes("DELIM"));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        const text = pairs.map(([key, item]) => `${key}<<DELIM\n${item}\nDELIM\n`).join("");
        expect(read(text)).toEqual({ pairs });
      }),
    );
  });

  it("never fails on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("A", "=", "<", "\n", "\r", "E", "\0") }), (text) => {
        expect(read(text)).toHaveProperty("pairs");
      }),
    );
  });
});
