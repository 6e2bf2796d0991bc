import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";

const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - name: language
        id: language
        uses: acme/setup@v1
        with: { version: "7" }
      - uses: ./.github/actions/local
      - name: expressions
        if: steps.language.outputs.version == '7'
        run: echo "FROM_RUN=\${{ github.event.number }}-\${{ steps.language.outputs.version }}" >> "$GITHUB_ENV"
      - run: npm test
  broken:
    runs-on: ubuntu-latest
    steps:
      - name: breaks
        run: exit 3
      - run: npm test
  lost:
    runs-on: ubuntu-latest
    steps:
      - run: touch was-here
      - uses: acme/nothing@v9
`;

const MAIN = `const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
const bin = process.env.RUNNER_TEMP + "/tool-bin";
mkdirSync(bin, { recursive: true });
writeFileSync(bin + "/the-tool", "#!/bin/sh\\necho tool " + process.env.INPUT_VERSION + "\\n", { mode: 0o755 });
appendFileSync(process.env.GITHUB_PATH, bin + "\\n");
appendFileSync(process.env.GITHUB_ENV, "FROM_ACTION=" + process.env.INPUT_VERSION + "\\n");
appendFileSync(process.env.GITHUB_OUTPUT, "version=" + process.env.INPUT_VERSION + "\\n");
`;

const SETUP = {
  "action.yml": `name: setup
inputs: { version: { required: true } }
outputs: { version: { value: "\${{ steps.js.outputs.version }}" } }
runs:
  using: composite
  steps:
    - id: js
      uses: acme/setup/js@v1
      with: { version: "\${{ inputs.version }}" }
    - shell: bash
      run: echo "FROM_COMPOSITE=\${{ inputs.version }}" >> "$GITHUB_ENV"
`,
  "js/action.yml":
    "name: js\ninputs: { version: { required: true } }\nruns: { using: node24, main: main.js, post: post.js }\n",
  "js/main.js": MAIN,
  "js/post.js": 'console.log("the post was here");\n',
};
const LOCAL = {
  ".github/actions/local/action.yml":
    'name: local\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo "FROM_LOCAL=base" >> "$GITHUB_ENV"\n',
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { ".github/workflows/ci.yml": WORKFLOW, ...LOCAL } });
  const { control } = stage.github;
  await control.createRepository({ owner: "acme", name: "setup", files: SETUP });
  // A branch named as actions' major versions are.
  await control.pushCommit({
    repo: "acme/setup",
    branch: "v1",
    login: WRITER,
    parent: "main",
    files: { v: "1" },
  });
});
afterAll(() => stage.close());

const COMMAND = '/crabbox run -- the-tool; echo "[$FROM_ACTION $FROM_COMPOSITE $FROM_LOCAL $FROM_RUN]"';

test("the hydrate job's actions prepare the box, once, and the command has what they set", async () => {
  const first = await stage.run(COMMAND);
  expect(first.output.text).toContain("tool 7");
  expect(first.output.text).toContain(`[7 7 base ${stage.pull}-7]`);
  expect(first.output.text).toContain("the post was here");
  expect(first.conclusion).toBe("success");
  expect(first.output.summary).toMatch(/^\| \d+ \| `language` \| success \|/mu);
  const second = await stage.run(`${COMMAND} again`);
  expect(second.output.text).toContain("tool 7");
  expect(second.output.text).toContain(`[7 7 base ${stage.pull}-7] again`);
  expect(second.output.text).not.toContain("the post was here");
  expect(second.output.summary).toMatch(/^\| Set-up \| skipped/mu);
});

test("a changed local action of the pull request's head is not the one that runs", async () => {
  const { control } = stage.github;
  const changed = Object.fromEntries(
    Object.entries(LOCAL).map(([path, text]) => [path, text.replace("=base", "=head")]),
  );
  await control.pushCommit({ repo: REPO, branch: "change", login: WRITER, files: changed });
  // Another base commit: what the box has is not of it.
  await control.pushCommit({ repo: REPO, branch: "main", login: WRITER, files: { "b.txt": "b" } });
  const check = await stage.run(
    '/crabbox run -- echo "[$FROM_LOCAL]"; grep -c =head .github/actions/local/action.yml',
  );
  expect(check.output.text).toContain("the post was here");
  expect(check.output.text).toContain("[base]");
  expect(check.conclusion).toBe("success");
});

test("a job is named by the comment; its first failed step ends the run, by its name", async () => {
  const check = await stage.run("/crabbox run --job broken -- echo never");
  expect(check.conclusion).toBe("failure");
  expect(check.output.summary).toContain("breaks");
  expect(check.output.text).not.toContain("never");
});

test("an action that cannot be had is refused by file, line and step before anything runs", async () => {
  const check = await stage.run("/crabbox run --job lost -- ls");
  expect(check.conclusion).toBe("failure");
  expect(check.output.summary).toContain(".github/workflows/ci.yml:26");
  expect(check.output.summary).toMatch(/acme\/nothing@.?v9/u);
  expect(check.output.summary).toContain("Nothing was run");
  expect(check.output.text).not.toContain("was-here");
});
