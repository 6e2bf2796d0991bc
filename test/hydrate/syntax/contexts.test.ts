import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SYNTAX } from "../../../app/hydrate/syntax/page.ts";
import { logOf, openJobStage, type JobStage } from "../../job/stage.ts";

const OWN = "test/hydrate/syntax/contexts.test.ts";
/** Empty for a push by a step of the workflow itself, on GitHub too. */
const EMPTY: ReadonlySet<string> = new Set(["action_ref", "action_repository", "base_ref", "head_ref"]);

let stage: JobStage;
let contexts: Record<string, Record<string, unknown>>;
let ofRun: Record<string, string>;
let ofAction: Record<string, string>;

beforeAll(async () => {
  stage = openJobStage();
  const print = "console.log('ENV ' + JSON.stringify(process.env))";
  stage.write({
    "act/action.yml": "name: print\nruns: { using: node24, main: main.js }\n",
    "act/main.js": print,
    ".github/workflows/show.yml": `name: Show
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          cat <<'END'
          CONTEXTS {"github":\${{ toJSON(github) }},"job":\${{ toJSON(job) }},"runner":\${{ toJSON(runner) }}}
          END
      - { run: "${print}", shell: "${process.execPath} {0}" }
      - uses: ./act
`,
  });
  const { lines } = await stage.json(["--workflow", "show.yml", "--var", "ACTIONS_STEP_DEBUG=true"]);
  const log = logOf(lines);
  contexts = JSON.parse(/^CONTEXTS (\{.*?^\}\})$/msu.exec(log)?.[1] ?? "null");
  const printed = [...log.matchAll(/^ENV (.*)$/gmu)].map(([, json = ""]) => JSON.parse(json));
  [ofRun, ofAction] = printed as [Record<string, string>, Record<string, string>];
}, 60_000);
afterAll(() => stage.close());

const rows = (kind: string, prefix: string) =>
  (SYNTAX[kind]?.rows ?? []).filter(({ key, test: file }) => key.startsWith(prefix) && file === OWN);

describe("contexts as a step of `job` sees them", () => {
  test.each(["github", "job", "runner"])(
    "%s has what the page says, and has not what it says is missing",
    (name) => {
      for (const { key, state } of rows("contexts", `${name}.`)) {
        const property = key.slice(name.length + 1);
        const value = contexts[name]?.[property];
        if (state === "no") expect([key, value ?? ""]).toEqual([key, ""]);
        else if (EMPTY.has(property)) expect([key, value]).toEqual([key, ""]);
        else expect([key, value ?? ""]).not.toEqual([key, ""]);
      }
    },
  );

  test("github tells the repository, the branch and the commit", () => {
    expect(contexts["github"]).toMatchObject({
      actor: "acme",
      event_name: "push",
      ref: "refs/heads/main",
      ref_name: "main",
      ref_type: "branch",
      ref_protected: false,
      repository: "acme/shop",
      repositoryUrl: "git://github.com/acme/shop.git",
      repository_owner: "acme",
      run_attempt: "1",
      retention_days: "90",
      sha: expect.stringMatching(/^[0-9a-f]{40}$/u),
      workflow: "Show",
      workflow_ref: "acme/shop/.github/workflows/show.yml@refs/heads/main",
    });
    expect(contexts["runner"]).toMatchObject({ os: "Linux", debug: "1", environment: "self-hosted" });
  });
});

describe("variables as a step of `job` finds them", () => {
  test("are there and what the contexts say, or are missing as the page says", () => {
    for (const { key, state } of [...rows("variables", ""), ...rows("files", "")]) {
      const env = key.startsWith("ACTIONS_") ? ofAction : ofRun;
      if (state === "no") expect([key, env[key] ?? ""]).toEqual([key, ""]);
      else expect([key, typeof env[key]]).toEqual([key, "string"]);
      const [, context = "", name = ""] = /^(GITHUB|RUNNER)_(.*)$/u.exec(key) ?? [];
      const value = contexts[context.toLowerCase()]?.[name.toLowerCase()];
      // A step's own name differs from step to step.
      if (value !== undefined && name !== "ACTION")
        expect([key, env[key]]).toEqual([key, typeof value === "string" ? value : JSON.stringify(value)]);
    }
    expect(ofRun).toMatchObject({ CI: "true", GITHUB_ACTIONS: "true", RUNNER_DEBUG: "1" });
  });

  test("for actions alone are not for scripts", () => {
    expect(Object.keys(ofRun).filter((name) => name.startsWith("ACTIONS_"))).toEqual([]);
    expect(ofAction["ACTIONS_RESULTS_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//u);
  });
});
