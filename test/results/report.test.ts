import { expect, it } from "vitest";
import { annotationsOf } from "../../app/results/annotations.ts";
import { remarkRows, resultsView, summaryViews } from "../../app/results/results-view.ts";
import { contradiction, countsText, type TestResults } from "../../app/results/test-results.ts";
import { advance, startProgress, type Progress } from "../../app/runs/progress.ts";
import { taskEventSchema } from "../../app/ssh/events-schema.ts";
import { createRenderer } from "../../app/render.ts";
import { checkRunView } from "../../app/runs/report-view.ts";
import { FAILURES_MAX } from "../../runner-bootstrap/boxd/results/result-events.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { attempt, ended } from "../templates/sample.ts";

const RESULTS: TestResults = {
  from: "files",
  formats: ["junit"],
  files: 2,
  passed: 1_204,
  failed: 3,
  skipped: 12,
  notes: ["a.xml: It planned 3 tests, and 2 came."],
};
const failed = (i: number, path?: string, name = `t${i}`): TaskEvent => ({
  e: "failure",
  i,
  name,
  message: "broke",
  ...(path === undefined ? {} : { path, line: i + 1 }),
});
const begin = (name: "hydrate" | "execute" | "collect"): TaskEvent => ({ e: "phase", name, at: "begin" });
const end = (name: "hydrate" | "collect"): TaskEvent => ({
  e: "phase",
  name,
  at: "end",
  outcome: "succeeded",
  ms: 5,
});
const remark = (message: string, path?: string): TaskEvent => ({
  e: "annotation",
  n: 2,
  level: "warning",
  message,
  ...(path === undefined ? {} : { path, line: 3, endLine: 4 }),
});
const fold = (events: readonly TaskEvent[], from = startProgress({}, false)): Progress =>
  events.reduce((progress, event) => advance(progress, event, 1_000), from);

const TOLD: readonly TaskEvent[] = [
  begin("hydrate"),
  remark("careful", "b.js"),
  remark("in general"),
  { e: "summary", n: 2, markdown: "# Done" },
  end("hydrate"),
  begin("collect"),
  failed(0, "a.js"),
  failed(1, "b.js"),
  failed(2),
  { e: "results", ...RESULTS },
  end("collect"),
];

it("what was told is in the row, once, though a crash tells it again from anywhere", () => {
  const whole = fold(TOLD);
  expect(whole.phases.collect).toMatchObject({
    ms: 5,
    results: RESULTS,
    failures: [{ i: 0 }, { i: 1 }, { i: 2 }],
  });
  expect(whole.phases.hydrate).toMatchObject({
    remarks: [{ message: "careful" }, { message: "in general" }],
  });
  for (let from = 0; from < TOLD.length; from += 1)
    expect(fold(TOLD.slice(from), fold(TOLD.slice(0, from + 1))).phases).toEqual(whole.phases);
});

it("what a whole job's steps say is the command's phase's", () => {
  const { phases } = fold([begin("hydrate"), end("hydrate"), begin("execute"), remark("in the job", "a.js")]);
  expect(phases.execute?.remarks).toMatchObject([{ message: "in the job" }]);
  expect(remarkRows({ ...attempt, phases }, "https://x/blob/1")).toMatchObject([
    { message: "in the job", place: { label: "a.js:3" } },
  ]);
});

it("annotates files of the pull request first, of these the failures", () => {
  const { phases } = fold(TOLD);
  const all = annotationsOf(phases.collect?.failures ?? [], phases.hydrate?.remarks ?? [], new Set(["b.js"]));
  expect(all).toEqual([
    { path: "b.js", line: 2, level: "failure", title: "t1", message: "broke" },
    { path: "b.js", line: 3, endLine: 4, level: "warning", title: "Step", message: "careful" },
    { path: "a.js", line: 1, level: "failure", title: "t0", message: "broke" },
  ]);
  const hostile = { i: 0, name: "\u001b[31m\u202e", message: "\u001b[2J", path: "a" };
  expect(annotationsOf([hostile], [], new Set())).toMatchObject([{ line: 1, message: "The test failed." }]);
});

it("says counts in words, and where they disagree with the exit code", () => {
  expect(countsText(RESULTS)).toBe("1,204 passed, 3 failed, 12 skipped");
  expect(countsText({ passed: 0, failed: 0, skipped: 0 })).toBe("");
  expect(contradiction(RESULTS, 0)).toMatch(/exited with 0, .* 3 tests that failed/u);
  expect(contradiction({ ...RESULTS, failed: 0 }, 2)).toMatch(/No test failed .* exited with 2/u);
  expect(contradiction(RESULTS, 1)).toBeNull();
  expect(contradiction({ ...RESULTS, passed: 0, failed: 0, skipped: 0 }, 1)).toBeNull();
});

it("hostile results stay in their table, a summary in its fence, and all of it within GitHub's bytes", () => {
  const nasty = "| x | <img src=x> @everyone\n``` **b** [l](javascript:x)";
  const many = Array.from({ length: FAILURES_MAX }, (_, i): TaskEvent => ({
    e: "failure",
    i,
    path: "a.js",
    line: i + 1,
    name: nasty.repeat(5),
    message: nasty.repeat(12),
  }));
  const summaries = Array.from({ length: 20 }, (_, n): TaskEvent => ({
    e: "summary",
    n,
    markdown: `~~~\n${nasty}`.repeat(200),
  }));
  const { phases } = fold([
    begin("hydrate"),
    ...summaries,
    begin("collect"),
    ...many,
    { e: "results", ...RESULTS },
  ]);
  const told = { ...attempt, phases };
  const view = checkRunView({ ...ended, attempts: [told] });
  const { checkRun, checkRunText } = createRenderer();
  const summary = checkRun(view);
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535);
  expect(/<img|@everyone|(?<!\\)\]\(javascript/u.exec(summary)).toBeNull();
  expect(summary.includes("**Tests:**")).toBe(true);
  const text = checkRunText({ ...view, log: "x".repeat(49_000) });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_535);
  // The fences of three summaries are longer than any in them.
  expect(text.match(/^`{4,}/gmu)?.length).toBe(6);
  expect(summaryViews(told)).toHaveLength(3);
  expect(resultsView(told, "https://x/blob/1")?.more).toBeNull();
});

it.each([
  ["a path out of the tree", { ...failed(0), path: "../../etc/passwd" }],
  ["an absolute path", { ...failed(0), path: "/etc/passwd" }],
  ["a path with a line feed", { ...failed(0), path: "a\nb" }],
  ["a number that is none", { ...failed(0), i: FAILURES_MAX }],
  ["a line before the first", { ...failed(0, "a"), line: 0 }],
  ["a message without end", { ...failed(0), message: "x".repeat(10_000) }],
  ["less than none", { e: "results", ...RESULTS, failed: -1 }],
  ["too many notes", { e: "results", ...RESULTS, notes: Array.from({ length: 11 }, () => "x") }],
])("a box may not say %s", (_, event) => {
  expect(taskEventSchema.safeParse(event).success).toBe(false);
});
