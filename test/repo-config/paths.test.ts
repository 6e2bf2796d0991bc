import { expect, it } from "vitest";
import { isMeant } from "../../app/repo-config/paths.ts";

it.each([
  ["src/a.ts", ["src/**"], true],
  ["src", ["src/**"], false],
  ["src/deep/er/a.ts", ["src/**"], true],
  ["src/deep/a.ts", ["src/*"], false],
  ["src/a.ts", ["src/*"], true],
  ["a.ts", ["**/*.ts"], true],
  ["src/deep/a.ts", ["**/*.ts"], true],
  ["src/deep/a.tsx", ["**/*.ts"], false],
  ["xsrc/a.ts", ["**/src/a.ts"], false],
  ["lib/src/a.ts", ["**/src/a.ts"], true],
  ["src/a.ts", ["src/**/a.ts"], true],
  ["src/x/y/a.ts", ["src/**/a.ts"], true],
  ["srca.ts", ["src/**/a.ts"], false],
  ["docs/a.md", ["**", "!docs/**"], false],
  ["docs/keep/a.md", ["**", "!docs/**", "docs/keep/**"], true],
  ["README.md", ["README.??"], true],
  ["README/md", ["README?md"], false],
  ["a+b(c).[x]", ["a+b(c).[x]"], true],
  ["aXb", ["a.b"], false],
  ["", ["**"], true],
  ["ä/ö.txt", ["ä/*.txt"], true],
  ["any", [], false],
])("%s by %j: %s", (path, patterns, meant) => {
  expect(isMeant(path, patterns)).toBe(meant);
});

it("takes hostile patterns and paths in bounded time, and a path longer than any as meant", () => {
  expect(isMeant(`${"a".repeat(900)}b`, [`${"*a".repeat(120)}c`])).toBe(false);
  expect(isMeant(`${"a/".repeat(450)}b`, [`${"**/".repeat(80)}c`])).toBe(false);
  expect(isMeant("a".repeat(5_000), ["nothing"])).toBe(true);
});
