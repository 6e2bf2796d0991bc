import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, runDemoProcess } from "./demo-process.ts";
import { killAllOf, processesOf } from "../servers/processes.ts";
import type { Ended, Line } from "./demo-process.ts";

const PHASES = ["execute", "hydrate", "lease", "queue", "report", "sync"];
const STORY_WITHIN_MS = 10 * 60_000;

const temporary = mkdtempSync(join(tmpdir(), "crabbox-test-demo-"));
let ended: Ended;
let lines: readonly Line[];

beforeAll(async () => {
  ended = await runDemoProcess(["--once", "--json"], { TMPDIR: temporary });
  lines = jsonLines(ended.stdout);
}, STORY_WITHIN_MS);

afterAll(() => {
  killAllOf(temporary);
  rmSync(temporary, { recursive: true, force: true });
});

test("the story goes as told and ends with 0", () => {
  expect(lines.filter(({ event }) => event === "problem")).toEqual([]);
  expect(ended.code).toBe(0);
  expect(lines.find(({ good }) => good === true)).toMatchObject({ event: "end" });
});

test("standard output is JSON lines of three types and nothing else", () => {
  expect([...new Set(lines.map(({ type }) => type))].sort()).toEqual(["check_run", "event", "log"]);
});

test("each finished check run carries outcome, GitHub's form and all phases", () => {
  const checks = lines.filter(({ type }) => type === "check_run");
  expect(checks.map(({ outcome }) => outcome)).toEqual([
    "succeeded",
    "failed",
    "succeeded",
    "succeeded",
    "cancelled",
    "superseded",
    "cancelled",
    "succeeded",
    "cancelled",
    "succeeded",
    "skipped",
  ]);
  for (const { run, check_run: check, phases } of checks) {
    expect(check).toMatchObject({
      external_id: run,
      status: "completed",
      head_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(Object.keys(phases as object).sort()).toEqual(PHASES);
    for (const ms of Object.values(phases as object)) expect(ms).toBeGreaterThanOrEqual(0);
  }
});

test("log chunks name their run and hold its output", () => {
  const first = lines.find(({ type }) => type === "check_run");
  const text = lines.flatMap(({ type, run, text }) =>
    type === "log" && run === first?.["run"] ? [String(text)] : [],
  );
  expect(text.join("")).toContain("# pass 3");
});

test("nothing is left: no process, no directory", () => {
  expect(processesOf(temporary)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});
