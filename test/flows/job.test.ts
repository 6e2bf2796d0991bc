import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, REPO, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

const WORKFLOW = `on: push
env: { LEVEL: workflow }
jobs:
  plan:
    runs-on: ubuntu-latest
    outputs:
      versions: \${{ steps.list.outputs.versions }}
      made: made by plan
    steps:
      - id: list
        run: |
          touch left-by-plan
          echo 'versions=["7","8"]' >> "$GITHUB_OUTPUT"
  test:
    needs: plan
    runs-on: ubuntu-latest
    strategy:
      matrix:
        version: \${{ fromJSON(needs.plan.outputs.versions) }}
    steps:
      - uses: actions/checkout@v6
      - name: look
        run: ls; echo "[\${{ matrix.version }} $LEVEL \${{ needs.plan.outputs.made }}]"
      - name: check
        run: test ! -e left-by-plan && grep -q one a.txt
  red:
    runs-on: ubuntu-latest
    strategy:
      matrix: { n: [1, 2] }
    steps:
      - name: breaks at \${{ matrix.n }}
        run: echo "::error::it is wrong"; exit 3
      - name: tells
        if: failure()
        run: echo told anyway
  hydrate:
    needs: plan
    runs-on: ubuntu-latest
    steps:
      - run: echo "FROM_PLAN=\${{ needs.plan.outputs.made }}" >> "$GITHUB_ENV"
      - run: npm test
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { ".github/workflows/ci.yml": WORKFLOW } });
});
afterAll(() => stage.close());

/** The check of this name, once it is completed; each name is used once. */
async function ran(command: string, name: string) {
  await stage.comment(command);
  return until(async () => {
    const checks = await stage.github.control.listCheckRuns({ repo: REPO });
    return checks.find((check) => check.name === name && check.status === "completed");
  }, `the check ${name}\n`);
}

test("a whole job runs behind what it needs, on a clean tree, with what that handed on", async () => {
  const check = await ran("/crabbox job test --matrix version=8", "crabbox / job: test (version=8)");
  expect(check.conclusion).toBe("success");
  expect(check.output.title).toMatch(/^Succeeded in /u);
  expect(check.output.text).toContain("[8 workflow made by plan]");
  expect(check.output.summary).toMatch(/^\| \d+ \| `look` \| success \|/mu);
  expect(check.output.summary).toContain("/crabbox job test --matrix version=8");
  expect(check.output.summary).toContain("after `plan`");
});

test("a red step fails the check by its name; of a matrix the first combination runs", async () => {
  const check = await ran("/crabbox job red", "crabbox / job: red");
  expect(check.conclusion).toBe("failure");
  expect(check.output.title).toMatch(/^Step failed: breaks at 1/u);
  expect(check.output.text).toContain("told anyway");
  expect(check.output.summary).toContain("it is wrong");
});

test("what cannot be is told before a box is taken", async () => {
  const check = await ran("/crabbox job red --matrix n=3", "crabbox / job: red (n=3)");
  expect(check.conclusion).toBe("failure");
  expect(check.output.title).toMatch(/^The job cannot run: .*\bn\b/u);
  expect(check.output.summary).toContain("`1`, `2`");
  expect(check.output.summary).toContain("Nothing was run");
});

test("a set-up that waits for others has them run first, once", async () => {
  const check = await ran(
    '/crabbox run --needs -- echo "[$FROM_PLAN]"',
    'crabbox / run: echo "[$FROM_PLAN]"',
  );
  expect(check.output.text).toContain("[made by plan]");
  expect(check.conclusion).toBe("success");
  const again = await ran('/crabbox run --needs -- echo "$FROM_PLAN"', 'crabbox / run: echo "$FROM_PLAN"');
  expect(again.output.text).toContain("made by plan");
  expect(again.output.summary).toMatch(/^\| Set-up \| skipped/mu);
});
