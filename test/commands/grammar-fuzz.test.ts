import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_COMMANDS, parseComment } from "../../app/commands/grammar.ts";
import { forbiddenCharacter } from "../../app/plain-text.ts";
import { COMMANDS } from "../../app/commands/table.ts";

/** Pieces that mean something to Markdown, to the grammar, or to a parser that is careless. */
const PIECES = [
  "/crabbox",
  "/crabbox run",
  "/crabbox run -- echo",
  " -- ",
  " --class ",
  "--timeout=1h",
  "\n",
  "\r\n",
  "\n\n",
  "\n    ",
  "\t",
  "```",
  "~~~~",
  "`",
  "``",
  "\\",
  "> ",
  "- ",
  "1. ",
  "# ",
  "<!--",
  "-->",
  "<pre>",
  "</pre>",
  "“",
  "'",
  '"',
  "—",
  "\u0000",
  "\u202e",
  "\ud800",
  "é",
  "x",
];

const comment = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ maxLength: 6 })), {
    maxLength: 120,
  })
  .map((parts) => parts.join(""));

describe("any comment at all", () => {
  it("is read without a throw, within the bound", () => {
    fc.assert(
      fc.property(comment, (body) => {
        const { commands, leftOut } = parseComment(body, COMMANDS);
        expect(commands.length).toBeLessThanOrEqual(MAX_COMMANDS);
        expect(leftOut === 0 || commands.length === MAX_COMMANDS).toBe(true);
        for (const command of commands) {
          if (command.kind === "fault") expect(command.message).not.toBe("");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("holds no command once every line is quoted, fenced or indented", () => {
    fc.assert(
      fc.property(comment, (body) => {
        const lines = body.split(/\r\n|\n|\r/u);
        const quoted = lines.map((line) => `> ${line}`).join("\n");
        const indented = lines.map((line) => `    ${line}`).join("\n");
        const marks = "`".repeat(Math.max(3, ...[...body.matchAll(/`+/gu)].map((run) => run[0].length + 1)));
        const fenced = `${marks}\n${body}\n${marks}`;
        for (const text of [quoted, indented, fenced]) {
          expect(parseComment(text, COMMANDS).commands).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("hands a line on exactly as it was typed, whatever stands before it in the comment", () => {
    const typed = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((text) => text.trim() !== "" && !text.includes("\n") && forbiddenCharacter(text) === null);
    fc.assert(
      fc.property(typed, (text) => {
        const { commands } = parseComment(`Some words\n\n/crabbox run --class fast -- ${text}`, COMMANDS);
        expect(commands).toMatchObject([{ value: { command: { kind: "line", text } } }]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the largest comments", () => {
  const SIZE = 65_536;
  const hostile = [
    "`",
    "` `` ``` ",
    "/crabbox run -- `x\n",
    "a ` b `` ",
    "<!--",
    "<!-- -->",
    "<pre>",
    "> ",
    ">",
    "- ",
    "1. ",
    "\\`",
    "/crabbox run --class ",
    '/crabbox run "',
    "/crabbox\n",
    "\u001b[",
    "\n",
    "\t",
    "—",
    "- ```\n",
  ];

  it.each(hostile)(
    "of %j are read in bounded work",
    (piece) => {
      const body = (text: string, size: number) => text.repeat(Math.ceil(size / text.length)).slice(0, size);
      const read = (size: number) => parseComment(`/crabbox\n${body(piece, size)}\n/crabbox`, COMMANDS);
      // Quadratic work on 16 times the input would be seen as minutes; the test's own limit ends it.
      expect(read(SIZE).commands.length).toBeGreaterThan(0);
      expect(read(SIZE * 16).commands.length).toBeGreaterThan(0);
    },
    20_000,
  );
});
