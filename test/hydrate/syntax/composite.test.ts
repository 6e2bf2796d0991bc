import { afterAll, beforeAll, expect, test } from "vitest";
import { logOf, openJobStage, resultOf, type JobStage } from "../../job/stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
});
afterAll(() => stage.close());

test("a composite action of the repository: names, folders, failures that are allowed, old inputs", async () => {
  stage.write({
    "act/action.yml": `name: two
author: somebody
branding: { color: blue, icon: box }
inputs: { old: { description: d, deprecationMessage: use new } }
outputs: { how: { description: d, value: "\${{ steps.soft.outcome }} \${{ steps.soft.conclusion }}" } }
runs:
  using: composite
  steps:
    - { id: soft, name: May fail, run: "echo in \${PWD##*/}; exit 4", shell: bash, working-directory: act, continue-on-error: true }
    - { name: Goes on, run: "echo status \${{ github.action_status }}", shell: sh }
    - { run: exit 5, shell: sh }
    - { if: failure(), run: "echo status \${{ github.action_status }}", shell: sh }
    - { run: echo never, shell: sh }
`,
    ".github/workflows/ci.yml": `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - { id: two, uses: ./act, with: { old: x }, continue-on-error: true }
      - run: echo "it was \${{ steps.two.outputs.how }}, \${{ steps.two.outcome }}"
`,
  });
  const { code, lines } = await stage.json(["--workflow", "ci.yml"]);
  const log = logOf(lines);
  expect(code).toBe(0);
  expect(log).toContain("in act\n");
  expect(log).toContain("status success\n");
  expect(log).toContain("status failure\n");
  expect(log).not.toMatch(/^never$/mu);
  expect(log).toContain("Input 'old' has been deprecated with message: use new");
  expect(log).toContain("it was failure success, failure\n");
  expect(resultOf(lines, "a").steps.find(({ id }) => id === "two")).toMatchObject({
    outcome: "failure",
    conclusion: "success",
  });
});
