import { strict as assert } from "node:assert";
import { test } from "node:test";
import { clock, table } from "../lib/table.js";

test("a table begins and ends at midnight", () => {
  const rows = table(60);
  assert.equal(rows.length, 25);
  assert.equal(rows.at(0).time, "00:00");
  assert.equal(rows.at(-1).time, "24:00");
});

test("the water rises and falls twice a day", () => {
  const heights = table(10).map((row) => row.metres);
  const turns = heights.filter(
    (height, at) => at > 0 && height > heights[at - 1] && height >= heights[at + 1],
  );
  assert.equal(turns.length, 2);
});

test("clock times have two digits", () => {
  assert.equal(clock(65), "01:05");
});
