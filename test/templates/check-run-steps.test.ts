import { expect, test } from "vitest";
import { createRenderer } from "../../app/render.ts";
import { checkRunView, type CheckRunInput } from "../../app/runs/report-view.ts";
import { attempt, ended, T0 } from "./sample.ts";

const render = createRenderer();
const summary = (input: CheckRunInput) => render.checkRun(checkRunView(input));

test("a summary has each set-up step, its name harmless", () => {
  const step = {
    n: 1,
    name: "npm ci | <b>",
    outcome: "success",
    conclusion: "success",
    ms: 1_500,
  } as const;
  const text = summary({
    ...ended,
    attempts: [{ ...attempt, phases: { ...attempt.phases, hydrate: { begin: T0, steps: [step] } } }],
  });
  expect(text).toContain("| # | Set-up step | Result | Time |");
  expect(text).toMatch(/^\| 1 \| .*npm ci &#124; .*\| success \| 1\.5 s \|$/mu);
  expect(summary(ended)).not.toContain("Set-up step");
});
