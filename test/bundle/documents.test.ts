import { expect, it } from "vitest";
import { bundleDocuments } from "../../app/bundle/documents.ts";
import type { Attempt, Run } from "../../app/store/rows.ts";
import { attempt, ended, lease, repository, run, T0 } from "../templates/sample.ts";

const FAILED: Run = {
  ...ended.run,
  outcome: "failed",
  detail: { message: "The command was killed by SIGSEGV.", hint: "Look at the log's end." },
};

/** `run.json` as somebody reads it who was handed the bundle. */
function runJson(set: { readonly run?: Run; readonly attempts?: readonly Attempt[] } = {}) {
  const facts = {
    run: FAILED,
    repository,
    attempts: [attempt],
    lease,
    told: { task: null, box: null },
    ...set,
  };
  return JSON.parse(bundleDocuments(facts)["run.json"] ?? "") as Record<string, unknown>;
}

it("has every stage from the queue to the report, the App's and the box's, with times and ends", () => {
  const document = runJson();
  expect(document["stages"]).toEqual([
    { name: "queue", ms: 2_000, result: null },
    { name: "lease", ms: 1_000, result: null },
    { name: "sync", ms: 80, result: "succeeded" },
    { name: "hydrate", ms: 4_200, result: "succeeded" },
    { name: "execute", ms: 12_000, result: "succeeded" },
    { name: "report", ms: 400, result: null },
  ]);
  expect(document).toMatchObject({ outcome: "failed", hint: "Look at the log's end.", queued: null });
  expect(document["attempts"]).toMatchObject([
    {
      phases: {
        hydrate: { began: new Date(T0 + 3_200).toISOString(), ms: 4_200, outcome: "succeeded", detail: null },
      },
    },
  ]);
});

it("has the exit whole: code and signal apart, why and where it ended, also of what never came to one", () => {
  const { rung, survivors, endedAt } = { rung: "bwrap" as const, survivors: ["sleep"], endedAt: T0 + 9_000 };
  const killed = { executed: true, signal: "SIGSEGV", oomKills: 1, rung, survivors, endedAt };
  const setUp = { executed: false, why: "hydrate_failed" as const, error: "exit code 1", step: "npm ci" };
  const document = runJson({
    attempts: [
      { ...attempt, n: 1, exit: null },
      { ...attempt, n: 2, exit: { ...setUp, rung, survivors: [], endedAt } },
      { ...attempt, n: 3, exit: killed },
    ],
  });
  expect(document["attempts"]).toMatchObject([
    { exit: null },
    { exit: { code: null, signal: null, why: "hydrate_failed", step: "npm ci", error: "exit code 1" } },
    {
      exit: {
        code: null,
        signal: "SIGSEGV",
        why: null,
        oom_kills: 1,
        survivors: ["sleep"],
        containment: "bwrap",
        ended: new Date(endedAt).toISOString(),
      },
    },
  ]);
});

it("a run that never got a box has its wait and its outcome", () => {
  const document = runJson({
    run: { ...run, state: "done", outcome: "no_capacity", endedAt: T0 + 60_000 },
    attempts: [],
  });
  expect(document).toMatchObject({ stages: [{ name: "queue", ms: 60_000 }], attempts: [] });
});

it("a phase's fields are chosen one by one: a new one of a row is not in it by itself", () => {
  const sync = { begin: T0, ms: 5, outcome: "failed" as const, secret: "not chosen" };
  const told = JSON.stringify(runJson({ attempts: [{ ...attempt, phases: { sync } }] }));
  expect(told).not.toContain("not chosen");
});
