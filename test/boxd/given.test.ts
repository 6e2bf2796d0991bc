import { expect, it } from "vitest";
import { masksOf, withGiven } from "../../runner-bootstrap/boxd/given.ts";
import { parseTask } from "../../runner-bootstrap/boxd/parse-task.ts";
import { planOf } from "../hydrate/engine/plans.ts";
import { taskOf } from "./box.ts";

const parsed = (given: unknown) => parseTask(JSON.stringify({ ...taskOf({ line: "true" }), given }));

it("takes names and texts, and a token of one line", () => {
  expect(parsed({ secrets: { A: "value" }, token: "ghs_a.b" })).toHaveProperty("task");
  for (const wrong of [
    null,
    [],
    {},
    { secrets: [] },
    { secrets: { A: 1 } },
    { secrets: { A: "" } },
    { secrets: { "A=B": "x" } },
    { secrets: { A: "a\0b" } },
    { secrets: {}, token: "a\nb" },
    { secrets: {}, token: "" },
    { secrets: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`A${n}`, "x"])) },
  ])
    expect(parsed(wrong)).toMatchObject({ refused: expect.stringContaining("given") });
});

it("puts values where expressions find them, and all of them are masked", () => {
  const given = { secrets: { A: "value" }, token: "ghs_x" };
  const { contexts } = withGiven(planOf([]), given);
  expect(contexts.secrets).toMatchObject({ A: "value", GITHUB_TOKEN: "ghs_x" });
  expect(contexts.github["token"]).toBe("ghs_x");
  expect(masksOf(given)).toEqual({ secrets: ["value"], tokens: ["ghs_x"] });
  expect(masksOf(undefined)).toEqual({ secrets: [], tokens: [] });
  const plan = planOf([]);
  expect(withGiven(plan, undefined)).toBe(plan);
});
