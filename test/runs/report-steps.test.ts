import { expect, it } from "vitest";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { advance, startProgress, type Progress } from "../../app/runs/progress.ts";
import { stepRows } from "../../app/runs/report-steps.ts";
import type { Attempt } from "../../app/store/rows.ts";

const began: TaskEvent = { e: "phase", name: "hydrate", at: "begin" };
const begin = (n: number, name = `s${n}`): TaskEvent => ({ e: "step", n, name, at: "begin" });
const end = (n: number, outcome: "success" | "failure", conclusion = outcome): TaskEvent => ({
  e: "step",
  n,
  name: `s${n}`,
  at: "end",
  outcome,
  conclusion,
  ms: 1_500,
});

const fold = (...events: readonly TaskEvent[]): Progress =>
  events.reduce((progress, event) => advance(progress, event, 1_000), startProgress({}, false));
const rows = ({ phases }: Progress) => stepRows({ phases } as Attempt);

it("tells each step once, with how it ended and counted", () => {
  const told = fold(began, begin(1), begin(2), end(2, "failure", "success"), end(1, "success"), begin(3));
  expect(rows(told)).toEqual([
    { n: "1", name: "s1", result: "success", duration: "1.5 s" },
    { n: "2", name: "s2", result: "failure, goes on (success)", duration: "1.5 s" },
    { n: "3", name: "s3", result: "under way", duration: "" },
  ]);
});

it("keeps them when the phase ends", () => {
  const done: TaskEvent = { e: "phase", name: "hydrate", at: "end", outcome: "succeeded", ms: 3_000 };
  expect(fold(began, begin(1), end(1, "success"), done).phases.hydrate).toMatchObject({
    ms: 3_000,
    steps: [{ n: 1, conclusion: "success" }],
  });
});

it("tells those of a whole job, which are its execution", () => {
  const job: TaskEvent = { e: "phase", name: "execute", at: "begin" };
  expect(rows(fold(job, begin(1), end(1, "success")))).toMatchObject([{ name: "s1", result: "success" }]);
});

it("is bounded whatever the box says, and knows no steps without a set-up", () => {
  const many = Array.from({ length: 150 }, (_nothing, n) => begin(n, "x".repeat(5_000)));
  const told = rows(fold(began, ...many));
  expect(told).toHaveLength(100);
  expect(told[0]?.name.length).toBeLessThanOrEqual(100);
  expect(rows(fold(begin(1)))).toEqual([]);
  expect(stepRows(null)).toEqual([]);
});
