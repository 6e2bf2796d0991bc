import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { outputShown } from "./looks.ts";

const FILE = `commands:
  slow: { run: "cat a.txt; [ -e fast.txt ] || sleep 300" }
  merged: { run: "cat a.txt base.txt; git cat-file -p HEAD | grep parent" }
concurrency: { mode: cancel-previous }
auto:
  slow: { command: slow, paths: ["a.txt", "fast.txt"] }
  merged: { command: merged, merge: true, paths: ["base*.txt", "one.txt"] }
`;
const CONFIG = ".github/crabbox.yml";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { [CONFIG]: FILE, "a.txt": "main's\n", "base.txt": "old\n" } });
});
afterAll(() => stage.close());

const control = () => stage.github.control;
const push = (branch: string, files: Record<string, string>, parent?: string) =>
  control().pushCommit({
    repo: REPO,
    branch,
    login: WRITER,
    files,
    ...(parent === undefined ? {} : { parent }),
  });

async function pullOf(branch: string, files: Record<string, string>) {
  const { sha } = await push(branch, files, "main");
  const { number } = await control().openPull({
    repo: REPO,
    login: WRITER,
    title: branch,
    head: branch,
    base: "main",
  });
  return { sha, number };
}

function checkOn(sha: string, name: string): Promise<CheckRunView> {
  return until(async () => {
    const [found] = await control().listCheckRuns({ repo: REPO, sha, name });
    return found?.status === "completed" ? found : null;
  }, `check "${name}" of ${sha}`);
}

test("a push ends the run of the commit before it, where the file says so", async () => {
  const { sha } = await pullOf("racing", { "a.txt": "first\n" });
  await outputShown(stage, "crabbox / slow");
  const { sha: next } = await push("racing", { "a.txt": "second\n", "fast.txt": "" });
  const ended = await checkOn(sha, "crabbox / slow");
  expect(ended.conclusion).toBe("cancelled");
  expect(ended.output.summary).toContain("A newer run of this check");
  const check = await checkOn(next, "crabbox / slow");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("second");
});

test("the merge commit is tested, of exactly this head and the base's tip, once GitHub has made it", async () => {
  const { number } = await pullOf("merging", { "one.txt": "1\n" });
  await control().holdMerge({ repo: REPO, number, held: true });
  const { sha } = await push("merging", { "one.txt": "2\n" });
  const { sha: tip } = await push("main", { "base.txt": "new\n" });
  await control().holdMerge({ repo: REPO, number, held: false });
  const check = await checkOn(sha, "crabbox / merged");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain(`new\nparent ${tip}\nparent ${sha}`);
  expect(check.output.summary).toContain("merged into main");
});

test("a conflict with the base is said, and nothing is run", async () => {
  await pullOf("conflicting", { "base.txt": "mine\n" });
  await push("main", { "base.txt": "theirs\n" });
  const { sha } = await push("conflicting", { "base.txt": "mine again\n" });
  const check = await checkOn(sha, "crabbox / merged");
  expect(check.conclusion).toBe("failure");
  expect(check.output.summary).toContain("conflicts with main");
  expect(check.output.text).toContain("was not started");
});

test("a pull request that changes the file gets a check of its own, each fault on its line", async () => {
  const { sha } = await pullOf("config", { [CONFIG]: `${FILE}defaults:\n  provider: locl\n` });
  const check = await checkOn(sha, "crabbox.yml");
  expect(check).toMatchObject({ conclusion: "failure", output: { title: "1 fault" } });
  expect(await control().listAnnotations({ checkRunId: check.id })).toEqual([
    expect.objectContaining({
      path: CONFIG,
      start_line: 9,
      end_line: 9,
      annotation_level: "failure",
      title: "defaults.provider",
      message: "This server has no provider `locl`. Did you mean `local`? There are `local`.",
    }),
  ]);
  const { sha: mended } = await push("config", { [CONFIG]: `${FILE}defaults:\n  provider: local\n` });
  expect(await checkOn(mended, "crabbox.yml")).toMatchObject({ conclusion: "success" });
});

test("by a broken file nothing runs: commands are answered with the fault, pushes with the check", async () => {
  await push("main", { [CONFIG]: "auto: 5\n" });
  await stage.comment("/crabbox run -- echo never");
  await until(async () => (await stage.sticky()).includes(`${CONFIG}:1:7: auto:`), "the fault");
  expect(await stage.sticky()).toMatch(/blob\/[0-9a-f]{40}\/\.github\/crabbox\.yml#L1/u);
  expect(await checkOn(stage.headSha, "crabbox.yml")).toMatchObject({ conclusion: "failure" });
  const { sha } = await push("racing", { "a.txt": "third\n" });
  const check = await checkOn(sha, "crabbox.yml");
  expect(check.output.summary).toContain("of the default branch cannot be used");
  expect((await control().listCheckRuns({ repo: REPO, sha })).map(({ name }) => name)).toEqual([
    "crabbox.yml",
  ]);
  expect((await stage.checks()).filter(({ name }) => name.includes("never"))).toEqual([]);
});
