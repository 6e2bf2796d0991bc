import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logOf, openJobStage, resultOf, type JobStage } from "../../job/stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
});
afterAll(() => stage.close());

async function ran(text: string, more: Readonly<Record<string, string>> = {}) {
  stage.write({ ".github/workflows/ci.yml": `on: push\n${text}`, ...more });
  const { code, lines } = await stage.json(["--workflow", "ci.yml"]);
  return { code, lines, log: logOf(lines) };
}

describe("jobs of `job`", () => {
  test("fail-fast, the default, leaves out the rest of a matrix; false runs it; continue-on-error forgives", async () => {
    const { code, log, lines } = await ran(`jobs:
  fast:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2, 3] } }
    steps: [{ run: "echo fast \${{ matrix.n }}; test \${{ matrix.n }} != 2" }]
  slow:
    runs-on: ubuntu-latest
    continue-on-error: \${{ github.event_name == 'push' }}
    strategy: { fail-fast: false, matrix: { n: [1, 2, 3] } }
    steps: [{ run: "echo slow \${{ matrix.n }}; test \${{ matrix.n }} != 2" }]
  after: { needs: slow, runs-on: ubuntu-latest, steps: [{ run: "echo slow: \${{ needs.slow.result }}" }] }
  strict: { needs: fast, if: failure(), runs-on: ubuntu-latest, steps: [{ run: "echo fast: \${{ needs.fast.result }}" }] }
`);
    expect(log.match(/^(?:fast|slow).*$/gmu)).toEqual([
      "fast 1",
      "fast 2",
      "slow 1",
      "slow 2",
      "slow 3",
      "slow: success",
      "fast: failure",
    ]);
    expect(code).toBe(1);
    expect(resultOf(lines, "after").conclusion).toBe("success");
  });

  test("defaults: shell and working-directory, the job's before the workflow's", async () => {
    const { log } = await ran(
      `defaults: { run: { shell: "sh -e {0}", working-directory: a } }
jobs:
  one: { runs-on: ubuntu-latest, steps: [{ run: 'echo "one \${PWD##*/} \${BASH_VERSION:-none}"' }] }
  two:
    runs-on: ubuntu-latest
    defaults: { run: { shell: bash, working-directory: b } }
    steps: [{ run: 'echo "two \${PWD##*/} \${BASH_VERSION:+bash}"' }]
`,
      { "a/x": "", "b/x": "" },
    );
    expect(log).toContain("one a none\n");
    expect(log).toContain("two b bash\n");
  });

  test("runs-on: any label is this machine, Windows and macOS are refused with the reason", async () => {
    const { code, lines, log } = await ran(`jobs:
  any: { runs-on: [self-hosted, gpu], steps: [run: echo any ran] }
  map: { runs-on: { group: big, labels: [linux] }, steps: [run: echo map ran] }
  win: { runs-on: windows-latest, steps: [run: echo win ran] }
  mac: { runs-on: { labels: macos-14 }, steps: [run: echo mac ran] }
`);
    expect(code).toBe(1);
    expect(log.match(/^.* ran$/gmu)).toEqual(["any ran", "map ran"]);
    const notes = lines.filter(({ type }) => type === "note").map(({ text }) => text);
    expect(notes).toEqual([
      expect.stringContaining("`windows-latest` is no Linux"),
      expect.stringContaining("`macos-14` is no Linux"),
    ]);
  });

  test("what is not there fails by itself: identity tokens, Windows' shells; an internal command is text", async () => {
    const { lines, log } = await ran(`permissions: { id-token: write }
jobs:
  all:
    runs-on: ubuntu-latest
    permissions: { id-token: write }
    steps:
      - run: echo "[$ACTIONS_ID_TOKEN_REQUEST_URL]" "::internal-set-repo-path::x"; echo "::internal-set-repo-path::x"
      - { id: cmd, run: dir, shell: cmd, continue-on-error: true }
      - { id: powershell, run: dir, shell: powershell, continue-on-error: true }
`);
    expect(log).toContain("[] ::internal-set-repo-path::x\n::internal-set-repo-path::x\n");
    const steps = resultOf(lines, "all").steps.filter(({ id }) => id !== null);
    expect(steps.map(({ outcome }) => outcome)).toEqual(["failure", "failure"]);
    expect(log).toContain("cmd");
    expect(log).toContain("The shell powershell was not found");
  });

  test("jobs.ID.result in a called workflow's outputs; background, wait-all, cancel", async () => {
    const { log, code } = await ran(
      `jobs:
  call: { uses: ./.github/workflows/callee.yml }
  use:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - run: echo "inner \${{ needs.call.outputs.how }}"
      - { id: a, background: true, run: "until test -e go; do sleep 0.05; done; echo a went" }
      - { id: b, background: true, run: sleep 600 }
      - run: touch go
      - cancel: b
      - wait-all:
      - run: echo "\${{ steps.a.outcome }} \${{ steps.b.outcome }}"
`,
      {
        ".github/workflows/callee.yml":
          "on: { workflow_call: { outputs: { how: { value: '${{ jobs.in.result }}' } } } }\n" +
          "jobs: { in: { runs-on: ubuntu-latest, steps: [run: 'true'] } }\n",
      },
    );
    expect(code).toBe(0);
    expect(log).toContain("inner success\n");
    expect(log).toContain("a went\n");
    expect(log).toContain("success cancelled\n");
  });
});
