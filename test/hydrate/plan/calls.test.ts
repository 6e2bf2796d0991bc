import { describe, expect, test } from "vitest";
import { bare, room } from "../actions/repositories.ts";
import { begin, compositeOf, planText, play } from "./planning.ts";

const CALLEE = [
  "on:",
  "  workflow_call:",
  "    inputs:",
  "      who: { type: string, required: true }",
  "      loud: { type: boolean }",
  "      times: { type: number, default: 2 }",
  "      where: { type: string, default: '${{ github.ref }}' }",
  "    secrets: { key: { required: true } }",
  "    outputs: { said: { value: '${{ jobs.two.outputs.words }}' } }",
  "jobs:",
  "  two: { needs: one, runs-on: ubuntu-latest, steps: [{ run: x }], outputs: { words: x } }",
  "  one: { runs-on: ubuntu-latest, steps: [{ run: x }] }",
].join("\n");

const call = (more: string, uses = "./.github/workflows/callee.yml"): string =>
  `on: push\njobs:\n  c: { uses: ${uses}, ${more} }\n  after: { needs: c, name: "got \${{ needs.c.outputs.said }}", runs-on: ubuntu-latest, steps: [{ run: x }] }`;
const own = { ".github/workflows/callee.yml": CALLEE };

describe("reusable workflows", () => {
  test("inputs are typed, secrets mapped, outputs come back, ids and names show the way", async () => {
    const text = call(
      "with: { who: '${{ github.repository }}', loud: true }, secrets: { key: '${{ secrets.K }}' }",
    );
    const { jobs } = await planText(text, {
      own,
      facts: { secrets: { K: "s", OTHER: "o", GITHUB_TOKEN: "t" } },
    });
    expect(jobs.map(({ id }) => id)).toEqual(["c", "after"]);
    expect(jobs[0]?.called.map(({ id }) => id)).toEqual(["c / one", "c / two"]);
    const { legs, said } = play(jobs, { "c / two": { result: "success", outputs: { words: "hi" } } });
    expect(said).toEqual([]);
    expect(legs.map(({ plan }) => [plan.job, plan.name])).toEqual([
      ["c / one", "c / one"],
      ["c / two", "c / two"],
      ["after", "got hi"],
    ]);
    expect(legs[1]?.plan.contexts).toMatchObject({
      inputs: { who: "me/it", loud: true, times: 2, where: "refs/heads/main" },
      secrets: { key: "s", GITHUB_TOKEN: "t" },
      needs: { one: { result: "success" } },
    });
    expect(legs[1]?.plan.contexts.secrets).not.toHaveProperty("OTHER");
  });

  test("a called job lacks a secret that its caller does not hand on", async () => {
    const files = {
      ".github/workflows/x.yml":
        "on: { workflow_call: { secrets: { a: {} } } }\njobs: { i: { runs-on: x, steps: [{ run: x, env: { A: '${{ secrets.A }}', B: '${{ secrets.B }}' } }] } }",
    };
    const text =
      "on: push\njobs: { c: { uses: ./.github/workflows/x.yml, secrets: { A: '${{ secrets.A }}' } } }";
    const { jobs } = await planText(text, { own: files, facts: { secrets: { A: "1", B: "2" } } });
    expect(jobs[0]?.called[0]?.lacks).toMatchObject([{ about: "secret", name: "B" }]);
    expect(play(jobs).legs[0]?.plan.contexts.secrets).toEqual({ A: "1" });
  });

  test.each([
    ["secrets: { key: '${{ secrets.K }}' }", { key: "", GITHUB_TOKEN: "t" }, ["K"]],
    ["secrets: inherit", { GITHUB_TOKEN: "t" }, ["key"]],
  ])("a required secret that is handed on and not given is empty text: %s", async (more, secrets, names) => {
    const text = CALLEE.replace("steps: [{ run: x }] }", "steps: [{ run: '${{ secrets.key }}' }] }");
    const { jobs } = await planText(call(`with: { who: x }, ${more}`), {
      own: { ".github/workflows/callee.yml": text },
    });
    const { legs, said } = play(jobs);
    expect(said).toEqual([]);
    expect(legs[1]?.plan.contexts.secrets).toEqual(secrets);
    expect([jobs[0], ...deep(jobs[0]?.called ?? [])].flatMap((job) => job?.lacks ?? [])).toEqual(
      names.map((name) =>
        expect.objectContaining({
          level: "lack",
          reason: `The secret ${name} is not given; it is empty text.`,
        }),
      ),
    );
  });

  test("a matrix over a call; secrets: inherit", async () => {
    const text = call(
      "strategy: { matrix: { n: [a, b] } }, with: { who: '${{ matrix.n }}' }, secrets: inherit",
    );
    const { jobs } = await planText(text, { own, facts: { secrets: { KEY: "s" } } });
    const { legs } = play(jobs);
    expect(legs.map(({ plan }) => plan.name).slice(0, 4)).toEqual([
      "c (a) / one",
      "c (a) / two",
      "c (b) / one",
      "c (b) / two",
    ]);
    expect(legs[3]?.plan.contexts).toMatchObject({ inputs: { who: "b" }, secrets: { KEY: "s" } });
  });

  test.each([
    ["with: { loud: true }, secrets: inherit", /needs the input `who`/u],
    ["with: { who: x, wat: 1 }, secrets: inherit", /has no input `wat`/u],
    ["with: { who: x, loud: 'yes' }, secrets: inherit", /`loud` .* must be a boolean/u],
    ["with: { who: x }", /needs the secret `key`/u],
    [
      "with: { who: x }, secrets: { KEY: a, k: b }",
      /has no secret `k`: it declares `key` below `on\.workflow_call\.secrets`\.$/u,
    ],
  ])("refused: %s", async (more, reason) => {
    const { jobs } = await planText(call(more), { own, facts: { secrets: { KEY: "s" } } });
    expect(begin(jobs[0])).toMatchObject({ kind: "failed", reason: expect.stringMatching(reason) as string });
  });

  test("of another repository: pinned, its own ./ workflows and $/ actions at its commit", async () => {
    const root = room();
    const wrap = (job: string): string => `on: workflow_call\njobs:\n  j: ${job}`;
    const sha = bare(root, "o/lib", {
      ".github/workflows/a.yml": wrap("{ uses: ./.github/workflows/b.yml }"),
      ".github/workflows/b.yml": wrap(
        "{ runs-on: ubuntu-latest, steps: [{ uses: $/act }, { uses: ./mine }] }",
      ),
      "act/action.yml": compositeOf("{ run: x, shell: sh }"),
    });
    const plan = await planText(call("", "o/lib/.github/workflows/a.yml@main"), { root });
    const { legs, said } = play(plan.jobs);
    expect(said).toEqual([]);
    expect(legs[0]?.plan).toMatchObject({
      job: "c / j / j",
      workflow: { path: ".github/workflows/ci.yml" },
      actions: { [`o/lib/act@${sha}`]: { sha }, "./mine": { definition: null } },
    });
    expect(plan.archives).toEqual([{ archive: `o+lib+${sha}`, nwo: "o/lib", sha }]);
  });

  test("what cannot be called is told: missing, faulty, not callable, gone, itself, too deep", async () => {
    const files: Record<string, string> = {
      "faulty.yml": "on: workflow_call\njobs: { a: { runs-on: x } }",
      "plain.yml": "on: push\njobs: { a: { runs-on: x, steps: [{ run: x }] } }",
      "self.yml": "on: workflow_call\njobs: { a: { uses: ./.github/workflows/self.yml } }",
      "w0.yml": "on: workflow_call\njobs: { a: { runs-on: x, steps: [{ run: x }] } }",
    };
    for (let n = 1; n <= 10; n += 1)
      files[`w${n}.yml`] = `on: workflow_call\njobs: { a: { uses: ./.github/workflows/w${n - 1}.yml } }`;
    const all = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`.github/workflows/${name}`, text]),
    );
    for (const [uses, reason] of [
      ["./.github/workflows/none.yml", /is not there/u],
      ["./.github/workflows/faulty.yml", /has a fault: \.github\/workflows\/faulty\.yml:2.*[^.\n]\.$/u],
      ["./.github/workflows/plain.yml", /no `workflow_call`/u],
      ["./.github/workflows/self.yml", /calls itself: .* -> /u],
      ["./.github/workflows/w9.yml", /nested deeper than 10 workflows/u],
      ["o/none/.github/workflows/x.yml@v1", /has no repository o\/none/u],
    ] as const) {
      const { jobs } = await planText(call("", uses), { own: all });
      const everything = [jobs[0], ...deep(jobs[0]?.called ?? [])].flatMap((job) => job?.lacks ?? []);
      expect(everything.map((lack) => lack.reason)).toContainEqual(expect.stringMatching(reason));
    }
    const fine = await planText(call("", "./.github/workflows/w8.yml"), { own: all });
    expect(play(fine.jobs).said).toEqual([]);
  });
});

type Nested = Awaited<ReturnType<typeof planText>>["jobs"];

function deep(jobs: Nested): Nested {
  return jobs.flatMap((job) => [job, ...deep(job.called)]);
}
