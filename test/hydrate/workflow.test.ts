import { describe, expect, it } from "vitest";
import { planHydration } from "../../app/hydrate/workflow.ts";

const file = (text: string, path = ".github/workflows/ci.yml") => ({ path, text });
const job = (steps: string, extra = "") =>
  file(`on: push\njobs:\n  hydrate:\n    runs-on: ubuntu-latest\n${extra}    steps:\n${steps}`);

describe("planHydration", () => {
  it("plans run steps and lets the sync answer checkout", () => {
    const plan = planHydration([
      job(
        "      - uses: actions/checkout@v6\n        with: { fetch-depth: 0 }\n      - name: install\n        run: npm ci\n        env: { A: 1 }\n",
      ),
    ]);
    expect(plan).toMatchObject({
      kind: "plan",
      phase: {
        steps: [{ name: "install", run: "npm ci", shell: "bash", workingDirectory: ".", env: { A: "1" } }],
      },
    });
  });

  it("hands defaults and outer environments down, the inner winning", () => {
    const plan = planHydration([
      file(
        "env: { A: out, B: out }\ndefaults: { run: { shell: sh, working-directory: sub } }\njobs:\n  hydrate:\n    env: { B: job }\n    steps:\n      - run: make\n      - run: make\n        shell: bash\n",
      ),
    ]);
    expect(plan).toMatchObject({
      phase: {
        steps: [{ shell: "sh", workingDirectory: "sub", env: { A: "out", B: "job" } }, { shell: "bash" }],
      },
    });
  });

  it.each([
    [
      "another action",
      job("      - uses: actions/setup-node@v6\n"),
      "actions/setup-node@v6",
      "actions are not run",
    ],
    ["a condition", job("      - name: n\n        if: always()\n        run: x\n"), "n", "`if:`"],
    ["an expression", job("      - name: n\n        run: echo ${{ github.sha }}\n"), "n", "${{ }}"],
    [
      "an expression in env",
      job("      - name: n\n        run: x\n        env: { A: '${{ secrets.X }}' }\n"),
      "n",
      "${{ }}",
    ],
    ["another shell", job("      - name: n\n        run: x\n        shell: pwsh\n"), "n", "pwsh"],
    [
      "an unknown key",
      job("      - name: n\n        run: x\n        continue-on-error: true\n"),
      "n",
      "continue-on-error",
    ],
    ["a matrix", job("      - run: x\n", "    strategy: { matrix: { a: [1] } }\n"), "hydrate", "strategy"],
    [
      "checkout of another ref",
      job("      - uses: actions/checkout@v6\n        with: { ref: main }\n"),
      "actions/checkout@v6",
      "`ref`",
    ],
    ["no steps", file("jobs:\n  hydrate:\n    runs-on: x\n"), "hydrate", "no steps"],
    ["broken YAML", file("jobs:\n  hydrate:\n    steps: [\n"), "(file)", "not valid YAML"],
  ])("refuses %s, naming the step", (_name, given, step, reason) => {
    expect(planHydration([given])).toMatchObject({
      kind: "refused",
      step,
      reason: expect.stringContaining(reason),
    });
  });

  it("has no plan without such a job, and refuses two of them", () => {
    expect(planHydration([file("jobs:\n  test:\n    steps:\n      - run: x\n")])).toEqual({ kind: "none" });
    const two = [
      job("      - run: x\n"),
      { ...job("      - run: y\n"), path: ".github/workflows/other.yml" },
    ];
    expect(planHydration(two)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("also defined"),
    });
  });

  it("gives the same plan the same fingerprint, and another plan another", () => {
    const of = (steps: string) => {
      const plan = planHydration([job(steps)]);
      return plan.kind === "plan" ? plan.phase.fingerprint : null;
    };
    expect(of("      - run: a\n")).toBe(of("      - run: a\n"));
    expect(of("      - run: a\n")).not.toBe(of("      - run: b\n"));
  });
});

describe("YAML that cannot be resolved", () => {
  const nines = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(", ")}]\n`;
  const bomb = `${nines("a", "x")}${nines("b", "*a")}${nines("c", "*b")}${nines("d", "*c")}`;

  it.each([
    ["too many aliases", bomb],
    ["an unknown alias", "a: *nobody\n"],
  ])("refuses the hydrate job of a file with %s, and passes over other files", (_what, text) => {
    const jobs = `${text}jobs:\n  hydrate:\n    steps: [{ run: x }]\n`;
    expect(planHydration([file(jobs)])).toMatchObject({ kind: "refused", step: "(file)" });
    expect(planHydration([file(`${text}# hydrate\n`)])).toEqual({ kind: "none" });
  });
});

it("refuses what would keep the parser busy for minutes, at once", () => {
  const plan = planHydration([{ path: "a.yml", text: `jobs:\n  hydrate:\n    ${"? ".repeat(30_000)}` }]);
  expect(plan).toMatchObject({ kind: "refused", reason: "is not valid YAML: it is nested too deeply" });
});
