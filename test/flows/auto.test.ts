import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { openStage, READER, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

const FILE = `env: [GREETING]
commands:
  unit: { run: 'echo "$GREETING $MISSING-variable"; cat a.txt' }
  full: { run: echo full }
auto:
  unit: { command: unit, paths: ["**", "!docs/**"], draft: skip }
  full: { command: full, on: label, label: full tests }
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    settings: { env: { GREETING: "hello", MISSING: "leaked" } },
    files: { ".github/crabbox.yml": FILE, "docs/a.md": "a\n", "a.txt": "from main\n" },
  });
});
afterAll(() => stage.close());

const control = () => stage.github.control;

/** A branch with these files on top of another, and its pull request. */
async function pullOf(branch: string, files: Record<string, string>, draft = false) {
  const { sha } = await control().pushCommit({ repo: REPO, branch, login: WRITER, parent: "main", files });
  const { number } = await control().openPull({
    repo: REPO,
    login: WRITER,
    title: branch,
    head: branch,
    base: "main",
    draft,
  });
  return { sha, number };
}

function checkOn(sha: string, name: string, nth = 1): Promise<CheckRunView> {
  return until(async () => {
    const found = (await control().listCheckRuns({ repo: REPO, sha, name }))[nth - 1];
    return found?.status === "completed" ? found : null;
  }, `check ${nth} "${name}" of ${sha}`);
}

async function settled(): Promise<void> {
  await control().waitIdle({});
}

const namesOn = async (sha: string) =>
  (await control().listCheckRuns({ repo: REPO, sha })).map(({ name }) => name);

test("a push runs what the default branch says, under a name that a rule can require, and writes no comment", async () => {
  const { sha, number } = await pullOf("pushed", { "a.txt": "from the push\n" });
  const check = await checkOn(sha, "crabbox / unit");
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("hello -variable\nfrom the push");
  expect(check.output.summary).toContain("by a push to the pull request");
  const { sha: next } = await control().pushCommit({
    repo: REPO,
    branch: "pushed",
    login: WRITER,
    files: { "a.txt": "from the second\n" },
  });
  expect((await checkOn(next, "crabbox / unit")).output.text).toContain("from the second");
  expect(await namesOn(next)).toEqual(["crabbox / unit"]);
  expect(await control().listComments({ repo: REPO, number })).toEqual([]);
});

test("what no path asks for is reported as skipped, which lets a required check pass, with the reason", async () => {
  const { sha } = await pullOf("documents", { "docs/a.md": "b\n" });
  const check = await checkOn(sha, "crabbox / unit");
  expect(check).toMatchObject({ conclusion: "skipped" });
  expect(check.output.title).toContain("no changed file is among the paths");
  await control().rerequestCheckRun({ checkRunId: check.id, login: WRITER });
  expect(await checkOn(sha, "crabbox / unit", 2)).toMatchObject({ conclusion: "success" });
});

test("a draft is skipped as configured, and runs once it is ready", async () => {
  const { sha, number } = await pullOf("drafted", { "a.txt": "draft\n" }, true);
  const check = await checkOn(sha, "crabbox / unit");
  expect(check.conclusion).toBe("skipped");
  expect(check.output.title).toContain("draft");
  await control().setDraft({ repo: REPO, number, login: WRITER, draft: false });
  expect((await checkOn(sha, "crabbox / unit", 2)).conclusion).toBe("success");
  // Reopened: that commit has its result.
  await control().closePull({ repo: REPO, number, login: WRITER });
  await control().reopenPull({ repo: REPO, number, login: WRITER });
  await settled();
  expect(await namesOn(sha)).toHaveLength(2);
});

test("a label starts a run when a writer puts it, nothing when a reader does", async () => {
  const { sha, number } = await pullOf("labelled", { "docs/a.md": "c\n" });
  await control().addLabel({ repo: REPO, number, login: READER, label: "full tests" });
  await control().addLabel({ repo: REPO, number, login: WRITER, label: "other" });
  await settled();
  await checkOn(sha, "crabbox / unit");
  expect(await namesOn(sha)).toEqual(["crabbox / unit"]);
  await control().removeLabel({ repo: REPO, number, login: WRITER, label: "full tests" });
  await control().addLabel({ repo: REPO, number, login: WRITER, label: "full tests" });
  const check = await checkOn(sha, "crabbox / full");
  expect(check.conclusion).toBe("success");
  expect(check.output.summary).toContain("by a label");
  expect(await namesOn(sha)).toEqual(["crabbox / unit", "crabbox / full"]);
});

test("a named command is run by its name; the file's own rules hold", async () => {
  const check = await stage.run("/crabbox run full");
  expect(check).toMatchObject({ name: "crabbox / command: full", conclusion: "success" });
  await stage.comment("/crabbox run fill");
  await until(async () => (await stage.sticky()).includes("Did you mean `full`?"), "the guess");
});
