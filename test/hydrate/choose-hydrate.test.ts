import { describe, expect, it } from "vitest";
import type { HydratePlan } from "../../app/hydrate/hydrate-plan.ts";
import type { HydrateAsked } from "../../app/hydrate/hydrate-asked.ts";
import { job, planned, setUpRoom, workflow } from "./set-up.ts";

const of = (...files: readonly ReturnType<typeof workflow>[]): Promise<HydratePlan> =>
  setUpRoom(files).plan();
const asking = (hydrate: HydrateAsked) => ({ options: { hydrate } });
const texts = (plan: HydratePlan) =>
  planned(plan).job.steps.map((step) => (step.kind === "run" ? step.run : step.kind));

describe("the job", () => {
  it("is none without one named hydrate, whatever else there is", async () => {
    expect(
      await of(workflow("on: push\njobs:\n  test:\n    runs-on: x\n    steps: [{ run: npm ci }]\n")),
    ).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("no workflow"),
    });
  });

  it("is the one that the comment or crabbox.yml names", async () => {
    const ci = workflow(
      "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{ run: npm ci }, { run: npm test }]\n",
    );
    const { plan } = setUpRoom([ci, job("      - run: make\n", "", ".github/workflows/h.yml")]);
    expect(texts(await plan())).toEqual(["make"]);
    expect(texts(await plan(asking({ job: "test", by: "name" })))).toEqual(["npm ci"]);
    expect(texts(await plan(asking({ workflow: "ci.yml", by: "crabbox.yml" })))).toEqual(["npm ci"]);
    expect(await plan(asking({ job: "tset", by: "name" }))).toMatchObject({
      kind: "refused",
      step: "tset",
      reason: expect.stringContaining("Did you mean `test`?"),
    });
    expect(planned(await plan(asking({ job: "test", by: "crabbox.yml" }))).notes.join(" ")).toContain(
      "by crabbox.yml",
    );
  });

  it.each([
    [
      "two of them",
      [job("      - run: x\n"), job("      - run: y\n", "", ".github/workflows/b.yml")],
      "--workflow",
    ],
    ["needed jobs", [job("      - run: x\n", "    needs: [a]\n")], "no job `a`"],
    [
      "a call",
      [workflow("on: push\njobs:\n  hydrate:\n    uses: ./.github/workflows/x.yml\n")],
      "is not there",
    ],
    [
      "Windows",
      [job("      - run: x\n").text.replace("ubuntu-latest", "windows-latest")].map((t) => workflow(t)),
      "no Linux",
    ],
    ["broken YAML", [workflow("on: push\njobs:\n  hydrate:\n    steps: [\n")], ""],
    ["an unknown key", [job("      - run: x\n        rum: y\n")], "rum"],
    ["an unknown context", [job("      - run: echo ${{ gihub.sha }}\n")], "gihub"],
  ])("refuses %s, naming the file and line", async (_what, files, reason) => {
    expect(await of(...files)).toMatchObject({
      kind: "refused",
      place: expect.stringMatching(/^\.github\/workflows/u),
      reason: expect.stringContaining(reason),
    });
  });

  it("waiting for others is refused, because they are not run", async () => {
    const text =
      "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{ run: x }]\n  hydrate:\n    needs: a\n    runs-on: x\n    steps: [{ run: y }]\n";
    expect(await of(workflow(text))).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("needs: a"),
    });
  });

  it("with a false condition prepares nothing", async () => {
    expect(await of(job("      - run: x\n", "    if: github.event_name == 'push'\n"))).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("skipped"),
    });
  });

  it("is not taken for refused because another file is broken", async () => {
    const broken = workflow("jobs: [\n# hydrate\n", ".github/workflows/z.yml");
    expect(await of(job("      - run: x\n"), broken)).toMatchObject({ kind: "plan" });
  });
});

describe("the steps", () => {
  it("keep conditions, expressions, shells and environments for the box", async () => {
    const plan = planned(
      await of(
        job(
          "      - name: n\n        if: always()\n        continue-on-error: true\n        shell: python\n        env: { A: '${{ github.sha }}' }\n        run: print(1)\n",
          "    env: { B: b }\n    defaults: { run: { working-directory: sub } }\n",
        ),
      ),
    );
    expect(plan.job).toMatchObject({
      env: [{ B: "b" }],
      defaults: { workingDirectory: "sub" },
      steps: [{ if: "always()", continueOnError: true, shell: "python", env: { A: "${{ github.sha }}" } }],
    });
  });

  it("end before the first that tests, and so do the actions that are looked for", async () => {
    const plan = await of(
      job("      - run: npm ci\n      - run: npm test\n      - uses: nobody/has-this@v1\n"),
    );
    expect(texts(plan)).toEqual(["npm ci"]);
    expect(planned(plan).notes.join(" ")).toContain("npm test");
  });

  it("of a matrix are its first combination's", async () => {
    const plan = planned(
      await of(job("      - run: make ${{ matrix.a }}\n", "    strategy: { matrix: { a: [1, 2] } }\n")),
    );
    expect(plan.job.contexts.matrix).toEqual({ a: 1 });
    expect(plan.notes.join(" ")).toContain("2 combinations");
  });

  it("that want a secret run without, and that is said", async () => {
    const plan = planned(await of(job("      - run: echo ${{ secrets.NPM_TOKEN }}\n")));
    expect(plan.notes.join(" ")).toContain("NPM_TOKEN");
  });
});

describe("hostile text", () => {
  const nines = (name: string, from: string) => `${name}: &${name} [${Array(9).fill(from).join(", ")}]\n`;
  const bomb = `${nines("a", "x")}${nines("b", "*a")}${nines("c", "*b")}${nines("d", "*c")}`;

  it.each([
    ["too many aliases", bomb],
    ["an unknown alias", "a: *nobody\n"],
  ])("with %s refuses where the job is, and is passed over elsewhere", async (_what, text) => {
    const jobs = `${text}jobs:\n  hydrate:\n    steps: [{ run: x }]\n`;
    expect(await of(workflow(jobs))).toMatchObject({ kind: "refused" });
    expect(await of(workflow(`${text}# hydrate\n`))).toMatchObject({ kind: "none" });
  });

  it("that would keep a parser busy for minutes is refused at once", async () => {
    expect(await of(workflow(`jobs:\n  hydrate:\n    ${"? ".repeat(30_000)}`))).toMatchObject({
      kind: "refused",
    });
  });
});
