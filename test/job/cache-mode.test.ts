import { afterAll, beforeAll, expect, test } from "vitest";
import { CACHE_ACTION } from "../caches/cache-action.ts";
import { logOf, openJobStage, type JobStage } from "./stage.ts";

const JOB = (id: string, mode: string, save: string): string => `
  ${id}:
    ${mode === "" ? "" : `cache-mode: ${mode}\n    `}runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/cache
        with: { key: "deps-1", save: "${save}" }
      - run: echo "${id} [$CACHED]"
`;
const CALLER = "on: push\njobs: { in: { cache-mode: read, uses: ./.github/workflows/called.yml } }\n";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  const moded = ["none", "read", "write-only", "write"].map((mode) => JOB(mode, mode, `by ${mode}`));
  stage.write({
    ...CACHE_ACTION,
    ".github/workflows/ci.yml": `on: push\ncache-mode: none\njobs:${moded.join("")}${JOB("unsaid", "", "x")}`,
    ".github/workflows/called.yml": `on: workflow_call\njobs:${JOB("inner", "", "by inner")}`,
    ".github/workflows/caller.yml": CALLER,
    ".github/workflows/greedy.yml": `on: workflow_call\ncache-mode: write\njobs:${JOB("inner", "", "x")}`,
    ".github/workflows/refused.yml": CALLER.replace("called", "greedy"),
  });
});
afterAll(() => stage.close());

async function said(workflow: string, ...jobs: readonly string[]): Promise<string> {
  const { lines } = await stage.json(["--workflow", workflow, ...jobs.flatMap((id) => ["--job", id])]);
  return logOf(lines);
}

test("jobs of one file restore and save as their cache-mode says, across runs", async () => {
  const found = async (job: string): Promise<string> =>
    /\[(.*)\]/u.exec(await said("ci.yml", job))?.[1] ?? "no line";
  // Saved by the third of them first, and seen by those alone that may restore.
  expect(await found("none")).toBe(":nothing");
  expect(await found("read")).toBe(":nothing");
  expect(await found("write")).toBe(":nothing");
  expect(await found("write-only")).toBe(":nothing");
  expect(await found("unsaid")).toBe(":nothing");
  expect(await found("read")).toBe("deps-1:by write");
}, 60_000);

test("a called workflow has what its caller has, and fails where it asks for more", async () => {
  expect(await said("caller.yml")).toContain("inner [deps-1:by write]");
  const { code, lines } = await stage.json(["--workflow", "refused.yml"]);
  expect([code, logOf(lines)]).toEqual([1, ""]);
  expect(JSON.stringify(lines)).toContain(
    "asks for `cache-mode: write` in its job `inner`, and its caller grants `read`",
  );
}, 60_000);
