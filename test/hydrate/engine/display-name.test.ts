import { expect, it } from "vitest";

import { actionNameOf, generatedId } from "../../../runner-bootstrap/boxd/steps/engine/display-name.ts";
import { control, parallel, run, uses } from "./plans.ts";

it("gives steps without an id the names that GitHub gives them", () => {
  const taken = new Set<string>();
  const ids = [
    run("a"),
    run("b"),
    uses("actions/checkout@v5"),
    uses("actions/cache/save@v4"),
    uses("actions/checkout@v5"),
    uses("./.github/x"),
    uses("$/x"),
    uses("docker://alpine:3.20"),
  ].map((item) => generatedId(item, taken));
  expect(ids).toEqual([
    "__run",
    "__run_2",
    "__actions_checkout",
    "__actions_cache",
    "__actions_checkout_2",
    "__self",
    "__selfRepository",
    "__alpine_3_20",
  ]);
});

it("names every kind of step", () => {
  expect(
    [
      run("\n\n  make all\nmake more"),
      run("x", { name: "Named\nmore" }),
      uses("./x"),
      control("wait", []),
      control("wait", ["a", "b"]),
      control("cancel", ["a"]),
      parallel([]),
    ].map(actionNameOf),
  ).toEqual([
    "Run make all",
    "Named",
    "Run ./x",
    "Wait for all background steps",
    "Wait for a, b",
    "Cancel a",
    "Wait for parallel steps",
  ]);
});
