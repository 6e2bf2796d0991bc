import { expect, test } from "vitest";
import { expandStrategy, shownName, type Leg } from "../../../runner-bootstrap/boxd/steps/jobs/matrix.ts";
import { allowedHint } from "../../../app/hydrate/read/complain.ts";
import { chooseLegs as choose } from "../../../runner-bootstrap/boxd/steps/jobs/matrix-choice.ts";
import type { Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";

function legs(matrix: Yaml, more: Record<string, Yaml> = {}): readonly Leg[] {
  const expanded = expandStrategy({ matrix, ...more });
  if (expanded.kind === "fault") throw new Error(expanded.message);
  return expanded.legs;
}

const chooseLegs = (from: readonly Leg[], wanted: Readonly<Record<string, string>>) =>
  choose(from, wanted, allowedHint);

function values(matrix: Yaml): readonly unknown[] {
  return legs(matrix).map((leg) => leg.matrix);
}

test("the first key goes slowest, and the strategy context counts the runs", () => {
  const all = legs({ os: ["a", "b"], n: [1, 2] }, { "fail-fast": false, "max-parallel": 3 });
  expect(all.map((leg) => leg.matrix)).toEqual([
    { os: "a", n: 1 },
    { os: "a", n: 2 },
    { os: "b", n: 1 },
    { os: "b", n: 2 },
  ]);
  expect(all[2]?.strategy).toEqual({ "fail-fast": false, "job-index": 2, "job-total": 4, "max-parallel": 3 });
});

test("exclude compares as `==` does, parts of objects too", () => {
  expect(
    values({
      os: ["Linux", "mac"],
      v: [{ a: 1, b: 2 }, { a: 3 }],
      exclude: [{ os: "LINUX", v: { a: "1" } }],
    }),
  ).toEqual([
    { os: "Linux", v: { a: 3 } },
    { os: "mac", v: { a: 1, b: 2 } },
    { os: "mac", v: { a: 3 } },
  ]);
});

test("include adds to the runs it agrees with, later over earlier, and makes its own otherwise (the example of GitHub's reference)", () => {
  const include = [
    { color: "green" },
    { color: "pink", animal: "cat" },
    { fruit: "apple", shape: "circle" },
    { fruit: "banana" },
    { fruit: "banana", animal: "cat" },
  ];
  expect(values({ fruit: ["apple", "pear"], animal: ["cat", "dog"], include })).toEqual([
    { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
    { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
    { fruit: "pear", animal: "cat", color: "pink" },
    { fruit: "pear", animal: "dog", color: "green" },
    { fruit: "banana" },
    { fruit: "banana", animal: "cat" },
  ]);
});

test("include alone, and no matrix at all", () => {
  expect(values({ include: [{ a: 1 }, { b: 2 }] })).toEqual([{ a: 1 }, { b: 2 }]);
  expect(expandStrategy(undefined)).toMatchObject({ legs: [{ matrix: null, strategy: { "job-total": 1 } }] });
});

test.each<readonly [string, Yaml, RegExp]>([
  ["a list without values", { a: [] }, /no values/u],
  ["a text for a list", { a: "x" }, /`a` is the string/u],
  ["nothing at all", {}, /neither a list/u],
  ["all of it excluded", { a: [1], exclude: [{ a: 1 }] }, /takes every combination away/u],
  ["300 of one", { a: Array.from({ length: 300 }, (_nothing, n) => n) }, /300 jobs/u],
  [
    "17 by 17",
    { a: Array.from({ length: 17 }, (_nothing, n) => n), b: Array.from({ length: 17 }, (_nothing, n) => n) },
    /289 jobs/u,
  ],
  [
    "a product of a million",
    Object.fromEntries(
      ["a", "b", "c"].map((name) => [name, Array.from({ length: 100 }, (_nothing, n) => n)]),
    ),
    /1000000 jobs/u,
  ],
  ["an exclude of another key", { a: [1], exclude: [{ b: 1 }] }, /`b`, which is no key/u],
  ["an include that is a map", { a: [1], include: { b: 1 } }, /no list of maps/u],
  ["a matrix that came out as text", "[]", /The matrix is the string/u],
])("%s is a fault", (_what, matrix, words) => {
  const expanded = expandStrategy({ matrix });
  expect(expanded.kind === "fault" ? expanded.message : "").toMatch(words);
});

test("a name shows the product's values and those of runs that include made, but not what include added", () => {
  const [first, second] = legs({
    os: ["a"],
    v: [{ n: 18, x: true }],
    include: [{ os: "a", extra: 1 }, { os: "z" }],
  });
  expect(shownName("test", undefined, first ?? { shown: [] })).toBe("test (a, 18, true)");
  expect(shownName("test", "Unit", second ?? { shown: [] })).toBe("Unit (z)");
  expect(shownName("test", "Unit ${{ matrix.os }}", first ?? { shown: [] })).toBe("Unit ${{ matrix.os }}");
  expect(shownName("t".repeat(120), "", { shown: [] })).toHaveLength(100);
});

test("runs are chosen by key and value; what no run has is told with what there is", () => {
  const all = legs({ os: ["Linux", "mac"], n: [1.1, 2] });
  expect(chooseLegs(all, { OS: "linux", n: "1.1" })).toMatchObject({
    legs: [{ matrix: { os: "Linux", n: 1.1 } }],
  });
  expect(chooseLegs(all, {})).toMatchObject({ legs: all });
  expect(chooseLegs(all, { oss: "x" })).toMatchObject({
    kind: "fault",
    hint: expect.stringContaining("`os`") as unknown,
  });
  expect(chooseLegs(all, { os: "max" })).toMatchObject({
    kind: "fault",
    hint: expect.stringContaining("Did you mean `mac`") as unknown,
  });
  expect(chooseLegs(legs({ include: [{ a: 1 }, { b: 2 }] }), { a: "1", b: "2" })).toMatchObject({
    kind: "fault",
  });
});
