import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_FILE_BYTES } from "../../app/repo-config/parse.ts";
import { readRepoConfig } from "../../app/repo-config/read.ts";

const N = MAX_FILE_BYTES;
const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
for (let level = 0; level < 12; level++) {
  const [name, before] = [String.fromCharCode(98 + level), String.fromCharCode(97 + level)];
  bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`);
}

it.each([
  ["2 MB", "a".repeat(2 * 1024 * 1024), /2097152 bytes; at most 65536/u],
  ["anchors bomb", `${bomb.join("\n")}\n`, /anchors cannot be followed/u],
  ["an anchor of itself", "a: &a [*a]\n", /./u],
  ["brackets", "[".repeat(N), /nested deeper/u],
  ["brackets over lines", "[\n".repeat(N / 2), /nested deeper/u],
  ["maps in maps", "a: {".repeat(N / 4), /nested deeper/u],
  ["question marks", "? ".repeat(N / 2), /nested deeper/u],
  ["question marks over lines", `[${"a: ? \n".repeat(N / 8)}`, /nested deeper/u],
  ["dashes", "- ".repeat(N / 2), /nested deeper/u],
  ["tags", "!x ".repeat(N / 3), /nested deeper/u],
  ["commas", `[${",".repeat(N - 2)}]`, /not valid YAML/u],
  [
    "many keys",
    Array.from({ length: N / 10 }, (_, index) => `k${index}: 1`)
      .join("\n")
      .slice(0, N),
    /no key/u,
  ],
  ["the same key", "a: 1\n".repeat(N / 5), /twice/u],
  [
    "indentation",
    Array.from({ length: 350 }, (_, index) => `${" ".repeat(index)}a:`).join("\n"),
    /no key `a`/u,
  ],
  ["NUL", "\0".repeat(N), /./u],
  ["half a surrogate pair", "commands: { a: { run: \ud800 } }", /./u],
  ["a prototype", "__proto__: { polluted: 1 }\nconstructor: { prototype: 1 }\n", /no key/u],
  ["a language's own tag", "commands: !!js/function 'x'\n", /./u],
])("%s is answered with a fault", (_what, text, expected) => {
  const read = readRepoConfig(text, null);
  if (read.ok) throw new Error("it was taken");
  expect(read.faults[0]?.message).toMatch(expected);
  expect(read.faults.length).toBeLessThanOrEqual(50);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

it.each(["&a [*a]", "&a { who: *a }", "commands: &a { x: { run: *a } }"])(
  "an anchor that holds itself is told: %s",
  (text) => {
    expect(readRepoConfig(text, null)).toMatchObject({
      ok: false,
      faults: [{ message: expect.stringMatching(/itself|cannot be followed/u) }],
    });
  },
);

it("never throws, whatever the text, and every fault has a place in it", () => {
  const signs = [
    "a",
    "b: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "'",
    '"',
    "|\n",
    ">",
    "#",
    "!x ",
    "auto:",
    "commands:",
    "run: ",
    "---\n",
    "\t",
    "%",
    "@",
    "é",
    "\u2028",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 60 }), (parts) => {
      const text = parts.join("");
      const read = readRepoConfig(text, null);
      if (read.ok) return;
      const lines = text.split("\n").length + 1;
      for (const { line, column } of read.faults) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2_000 },
  );
});
