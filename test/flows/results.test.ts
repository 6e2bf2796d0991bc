import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";

const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - name: lint
        run: |
          echo "::warning file=a.txt,line=1,title=Lint::be careful"
          echo "### All **linted**" >> "$GITHUB_STEP_SUMMARY"
`;

const failure = (name: string, place: string) =>
  `<testcase name="${name}"><failure message="expected 1 &lt; 0">at ${place}</failure></testcase>`;
const JUNIT = `<testsuites><testsuite name="shop">${[
  failure("elsewhere", "README.md:1:3"),
  failure("on a changed file", "a.txt:1:2"),
  failure("nowhere", "/usr/lib/x.js:3"),
  '<testcase name="fine"/>'.repeat(1_204),
  '<testcase name="later"><skipped/></testcase>'.repeat(12),
].join("")}</testsuite></testsuites>`;

const WRITE = `#!/bin/sh\ncat > junit.xml <<'XML'\n${JUNIT}\nXML\n`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { ".github/workflows/ci.yml": WORKFLOW, "tests.sh": WRITE } });
});
afterAll(() => stage.close());

test("a command's JUnit file: counts in the title, failures at their lines, the changed file first", async () => {
  const check = await stage.run("/crabbox run -- sh tests.sh; exit 1");
  expect(check.conclusion).toBe("failure");
  expect(check.output.title).toMatch(/^Exited with 1 after .*: 1,204 passed, 3 failed, 12 skipped$/u);
  expect(check.output.summary).toContain(
    "**Tests:** 1,204 passed, 3 failed, 12 skipped, from JUnit in 1 file.",
  );
  expect(check.output.summary).toMatch(/^\| `nowhere` \| +\| expected 1 &#60; 0 \|/mu);
  expect(check.output.text).toContain("### All **linted**");
  // GitHub takes them in calls of their own, behind the result.
  const told = await until(async () => {
    const all = await stage.github.control.listAnnotations({ checkRunId: check.id });
    return all.length >= 3 && all;
  }, "three annotations");
  expect(told).toMatchObject([
    {
      path: "a.txt",
      start_line: 1,
      annotation_level: "failure",
      title: "on a changed file",
      message: "expected 1 < 0",
    },
    { path: "a.txt", start_line: 1, annotation_level: "warning", title: "Lint", message: "be careful" },
    { path: "README.md", start_line: 1, annotation_level: "failure", title: "elsewhere" },
  ]);
});

test("patterns of crabbox.yml, TAP that lies, and the exit code that decides", async () => {
  await stage.github.control.pushCommit({
    repo: REPO,
    branch: "main",
    login: WRITER,
    files: { ".github/crabbox.yml": "results: [out/*.tap]\n" },
  });
  const check = await stage.run(
    `/crabbox run -- mkdir out; printf '1..3\\nok 1\\nnot ok 2 - broke\\n' > out/a.tap`,
  );
  expect(check.conclusion).toBe("success");
  expect(check.output.title).toMatch(/^Succeeded in .*: 1 passed, 1 failed$/u);
  expect(check.output.summary).toContain("out/a.tap: It planned 3 tests, and 2 came.");
  expect(check.output.summary).toContain("The exit code decides.");
});
