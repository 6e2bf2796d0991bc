import { describe, expect, test } from "vitest";
import { bare, room } from "../actions/repositories.ts";
import { begin, compositeOf, NODE_ACTION, planText, workflowOf } from "./planning.ts";

async function lacksOf(...args: Parameters<typeof planText>): Promise<readonly string[]> {
  const { jobs } = await planText(...args);
  return jobs.flatMap(({ lacks }) => lacks.map(({ level, about, reason }) => `${level} ${about}: ${reason}`));
}

describe("the actions of a job", () => {
  test("nested ones are pinned, and their archives named once", async () => {
    const root = room();
    const leaf = bare(root, "x/leaf", { "action.yml": NODE_ACTION, "sub/action.yaml": NODE_ACTION }, ["v1"]);
    const outer = bare(root, "X/Outer", {
      "action.yml": compositeOf("uses: x/leaf@v1", "uses: $/in", "{ run: echo, shell: sh }"),
      "in/action.yml": compositeOf("uses: x/leaf/sub@v1"),
    });
    const plan = await planText(workflowOf("uses: x/outer@main", "uses: docker://alpine:3"), { root });
    const start = begin(plan.jobs[0]);
    if (start.kind !== "runs") throw new Error(JSON.stringify(start));
    const actions = start.legs[0]?.plan.actions ?? {};
    expect(start.legs[0]?.plan.steps).toMatchObject([
      { action: "x/outer@main" },
      { action: "docker://alpine:3" },
    ]);
    expect(Object.keys(actions).sort()).toEqual([
      "docker://alpine:3",
      "x/leaf/sub@v1",
      "x/leaf@v1",
      `x/outer/in@${outer}`,
      "x/outer@main",
    ]);
    expect(actions["x/leaf/sub@v1"]).toMatchObject({
      name: "x/leaf/sub",
      ref: "v1",
      sha: leaf,
      source: { kind: "archive", archive: `x+leaf+${leaf}`, path: "sub" },
    });
    expect(actions["x/outer@main"]?.definition?.runs).toMatchObject({
      steps: [{ action: "x/leaf@v1" }, { action: `x/outer/in@${outer}` }, { kind: "run" }],
    });
    expect(plan.archives.map(({ archive }) => archive).sort()).toEqual([
      `x+leaf+${leaf}`,
      `x+outer+${outer}`,
    ]);
  });

  test("local ones come from the workspace, or from the carried archive; what is not there yet may come", async () => {
    const own = { "tools/a/action.yml": compositeOf("uses: ./tools/b"), "tools/b/Dockerfile": "FROM x" };
    const text = workflowOf("uses: ./tools/a", "uses: ./made/later", "uses: $/tools/b");
    const plan = await planText(text, { own });
    expect(plan.jobs[0]?.resolved.actions).toMatchObject({
      "./tools/a": { source: { kind: "workspace", path: "tools/a" }, definition: { name: "c" } },
      "./tools/b": { definition: { runs: { using: "docker", image: "Dockerfile" } } },
      "./made/later": { definition: null },
    });
    const carried = await planText(text, { own, facts: { ownArchive: "base" } });
    expect(carried.jobs[0]?.resolved.actions["./tools/a"]?.source).toEqual({
      kind: "archive",
      archive: "base",
      path: "tools/a",
    });
  });

  test("what cannot be had stops the job with its reason", async () => {
    const root = room();
    bare(root, "x/empty", { "README.md": "" });
    bare(root, "x/broken", { "action.yml": "name: [" });
    const broken = workflowOf(
      "uses: x/empty@main",
      "uses: x/broken@main",
      "uses: x/none@v1",
      "uses: x/empty@v2",
    );
    expect(await lacksOf(broken, { root })).toEqual([
      expect.stringContaining("x/empty@main has no action.yml, action.yaml or Dockerfile"),
      expect.stringMatching(/x\/broken@main has a fault in action\.yml:1:8.*[^.]\.$/u),
      expect.stringContaining("has no repository x/none"),
      expect.stringContaining("x/empty has no ref v2"),
    ]);
    const { jobs } = await planText(broken, { root });
    expect(begin(jobs[0])).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("x/none") as string,
    });
    expect(await lacksOf(workflowOf("uses: $/none"))).toEqual([expect.stringContaining("has no action.yml")]);
    expect(await lacksOf(workflowOf("uses: ./../up"))).toEqual([
      expect.stringContaining("leaves its repository"),
    ]);
  });

  test("an action that uses itself is refused with the chain", async () => {
    const root = room();
    bare(root, "x/a", { "action.yml": compositeOf("uses: x/b@main") });
    bare(root, "x/b", { "action.yml": compositeOf("uses: x/a@main") });
    expect(await lacksOf(workflowOf("uses: x/a@main"), { root })).toEqual([
      "stop action: x/a@main uses itself (used by x/a@main, by x/b@main).",
    ]);
  });

  test("ten nested actions are taken, eleven are not, also when the lower ones were seen before", async () => {
    const own = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [
        `a${n}/action.yml`,
        n === 0 ? compositeOf("{ run: x, shell: sh }") : compositeOf(`uses: ./a${n - 1}`),
      ]),
    );
    expect(await lacksOf(workflowOf("uses: ./a9"), { own })).toEqual([]);
    expect(await lacksOf(workflowOf("uses: ./a10"), { own })).toEqual([
      expect.stringContaining("nested deeper than 10"),
    ]);
    expect(await lacksOf(workflowOf("uses: ./a5", "uses: ./a10"), { own })).toHaveLength(1);
  });

  test("checkout of this commit needs no code; another one does", async () => {
    const plan = await planText(
      workflowOf("{ uses: actions/checkout@v6, with: { fetch-depth: 0, ref: '${{ github.sha }}' } }"),
    );
    expect(plan.jobs[0]?.lacks).toMatchObject([{ level: "note", about: "action" }]);
    expect(begin(plan.jobs[0])).toMatchObject({ kind: "runs" });
    const other = await planText(
      workflowOf("{ uses: actions/checkout@v6, with: { repository: x/y, path: y } }"),
    );
    expect(begin(other.jobs[0])).toMatchObject({ kind: "failed" });
  });

  test("secrets are looked for in expressions and conditions, not in scripts", async () => {
    const text = workflowOf(
      "{ run: \"echo 'secrets.token_hex()' ${{ secrets.A || secrets['B'] }}\" }",
      "{ run: x, if: vars.C != '' }",
    );
    expect(await lacksOf(text)).toEqual([
      expect.stringContaining("The secret A"),
      expect.stringContaining("The secret B"),
      expect.stringContaining("The variable C"),
    ]);
  });

  test("Docker, secrets, variables, tokens, machines and tools are told", async () => {
    const text = [
      "on: push",
      "permissions: { id-token: write }",
      "env: { K: '${{ secrets.npm_token }}' }",
      "jobs:",
      "  a:",
      "    runs-on: ubuntu-latest",
      "    services: { db: { image: postgres } }",
      "    steps:",
      "      - run: cd x && sudo make all",
      "        env: { V: \"${{ vars['WHERE'] }}\", T: '${{ secrets.GITHUB_TOKEN }}' }",
      "  w: { runs-on: windows-2022, steps: [{ run: x }] }",
    ].join("\n");
    const said = await lacksOf(text, { facts: { dockerMissing: "no docker here" } });
    expect(said).toEqual([
      expect.stringContaining("lack id-token"),
      expect.stringContaining("lack secret: The secret npm_token"),
      expect.stringContaining("note variable: The variable WHERE"),
      expect.stringContaining("stop docker: `services` needs Docker: no docker here"),
      expect.stringContaining("note tool: No step sets up `make`"),
      expect.stringContaining("lack id-token"),
      expect.stringContaining("lack secret"),
      expect.stringContaining("stop runner: `windows-2022` is no Linux"),
    ]);
  });
});
