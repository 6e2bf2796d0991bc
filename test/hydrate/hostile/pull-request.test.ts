import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, REPO, WRITER, type Stage } from "../../servers/stage.ts";
import { until } from "../../servers/until.ts";

/** A name that a shell would obey, and an expression would be filled in by whoever reads it twice. */
const BRANCH = "a$(touch${IFS}injected)`touch${IFS}injected`;touch${IFS}injected${{github.actor}}";

const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/outer
      - name: of \${{ github.head_ref }}
        env:
          BRANCH: \${{ github.head_ref }}
        run: echo "branch [$BRANCH] [$GITHUB_HEAD_REF]" && sh scripts/install.sh
      - uses: ./.github/actions/late
        continue-on-error: true
      - run: echo "of the base's last step $FROM_INSTALL"
`;

const action = (text: string, more = "") =>
  `name: x\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo "${text}"\n${more}`;
const OUTER = "    - uses: ./.github/actions/inner\n";

const BASE = {
  ".github/workflows/ci.yml": WORKFLOW,
  ".github/actions/outer/action.yml": action("outer of the base", OUTER),
  ".github/actions/inner/action.yml": action("inner of the base"),
  "scripts/install.sh": "#!/bin/sh\necho install of the base\n",
};

/** All that a pull request can change to be run before its command. */
const HEAD = {
  ".github/workflows/ci.yml": WORKFLOW.replaceAll("run: echo", "run: echo WORKFLOW OF THE HEAD;"),
  ".github/workflows/more.yml": WORKFLOW.replaceAll("run: echo", "run: echo WORKFLOW OF THE HEAD;"),
  ".github/crabbox.yml": "hydrate: { workflow: more.yml }\n",
  ".github/actions/outer/action.yml": action("ACTION OF THE HEAD", OUTER),
  ".github/actions/inner/action.yml": action("ACTION OF THE HEAD"),
  // Not in the base, where its step looks for it.
  ".github/actions/late/action.yml": action("ACTION OF THE HEAD"),
  "scripts/install.sh": `#!/bin/sh
echo "script of the head"
echo "FROM_INSTALL=set" >> "$GITHUB_ENV"
echo "NODE_OPTIONS=--require=/nowhere" >> "$GITHUB_ENV"
echo "LD_PRELOAD=/nowhere.so" >> "$GITHUB_ENV"
`,
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: BASE });
});
afterAll(() => stage.close());

test("nothing that a pull request changes of workflows, local actions or settings is run, and its names are only names", async () => {
  const { control } = stage.github;
  const by = { repo: REPO, login: WRITER };
  const { sha } = await control.pushCommit({ ...by, branch: BRANCH, parent: "main", files: HEAD });
  const title = '"; touch injected; echo "${{ github.actor }}';
  const { number } = await control.openPull({ ...by, title, head: BRANCH, base: "main" });
  const command =
    'ls; grep -c HEAD .github/workflows/ci.yml; echo "[$NODE_OPTIONS$LD_PRELOAD] [$FROM_INSTALL]"';
  await control.comment({ ...by, number, body: `/crabbox run -- ${command}` });
  const check = await until(
    async () =>
      (await stage.checks()).find(
        (one) => one.externalId?.startsWith("run_") === true && one.status === "completed",
      ),
    `the check of ${sha}; the App's log:\n${stage.app.log().slice(-2_000)}`,
  );
  const log = check.output.text ?? "";
  // Its scripts run where the base's steps call them: that is what the box is for.
  for (const line of ["outer of the base", "inner of the base", "script of the head", "[] [set]"])
    expect(log).toContain(line);
  expect(log).toContain(`branch [${BRANCH}] [${BRANCH}]`);
  expect(log).toContain("of the base's last step set");
  expect(log).not.toMatch(/(?:WORKFLOW|ACTION) OF THE HEAD/u);
  expect(log).not.toMatch(/^injected/mu);
  expect(check.output.summary).toMatch(/late` \| failure, goes on/u);
  // What was refused is told, and fails nothing, as on GitHub.
  expect(log).toContain("GITHUB_ENV cannot set NODE_OPTIONS");
  expect(log).toContain("GITHUB_ENV cannot set LD_PRELOAD");
  expect(check.conclusion).toBe("success");
});
