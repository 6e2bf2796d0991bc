import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logOf, openJobStage, type JobStage } from "../../job/stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  stage.write({
    ".github/workflows/ask.yml": `on:
  workflow_dispatch:
    inputs:
      text: { type: string, required: true, description: what to say }
      flag: { type: boolean, default: 'false' }
      count: { type: number, default: '4' }
      pick: { type: choice, options: [one, two] }
      where: { type: environment, default: staging }
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo '\${{ toJSON(inputs) }}' '\${{ toJSON(github.event.inputs) }}' | tr -d ' \\n'
`,
  });
});
afterAll(() => stage.close());

const given = (...pairs: readonly string[]) => [
  "--workflow",
  "ask.yml",
  ...pairs.flatMap((pair) => ["--input", pair]),
];

describe("inputs of workflow_dispatch", () => {
  test("have their types and defaults", async () => {
    const { lines } = await stage.json(given("text=hi"));
    expect(logOf(lines)).toContain(
      '{"text":"hi","flag":false,"count":4,"pick":"one","where":"staging"}' +
        '{"text":"hi","flag":"false","count":"4","pick":"one","where":"staging"}',
    );
    const all = await stage.json(given("text=hi", "flag=true", "count=5", "pick=two", "where=prod"));
    expect(logOf(all.lines)).toContain('{"text":"hi","flag":true,"count":5,"pick":"two","where":"prod"}');
  });

  test("of a payload count, and what is given by name", async () => {
    writeFileSync(join(stage.dir, "payload.json"), '{"inputs":{"text":"from-a-file","flag":true}}');
    const { lines } = await stage.json(given("count=7").concat("--payload", join(stage.dir, "payload.json")));
    expect(logOf(lines)).toContain('{"text":"from-a-file","flag":true,"count":7,');
  });

  test("belong to their event: a push has and needs none, --input asks for the one that has", async () => {
    stage.write({
      ".github/workflows/both.yml": `on:
  push:
  workflow_dispatch: { inputs: { to: { required: true }, dry: { type: boolean, default: true } } }
  workflow_call: { inputs: { from: { type: string, default: caller } } }
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: "echo '\${{ github.event_name }} [\${{ inputs.to }}] \${{ inputs.dry }}' \${{ inputs.from }}" }]
`,
    });
    const run = async (...args: readonly string[]): Promise<string> =>
      logOf((await stage.json(["--workflow", "both.yml", ...args])).lines);
    expect(await run()).toBe("push [] \n");
    expect(await run("--input", "to=prod")).toBe("workflow_dispatch [prod] true\n");
    expect(await run("--event", "workflow_call")).toBe("workflow_call []  caller\n");
    const { code, err } = await stage.run(
      `job --repo ${stage.repo} --workflow both.yml --event push --input to=a`.split(" "),
    );
    expect([code, err]).toEqual([1, expect.stringContaining("Give --event workflow_dispatch")]);
  });

  test("of workflow_call have their defaults evaluated, as a caller would find them", async () => {
    const asks = (more: string): Record<string, string> => ({
      ".github/workflows/called.yml": `on:
  workflow_call:
    inputs:
      where: { type: string, default: "on \${{ github.ref_name }} for \${{ vars.TEAM }}\${{ inputs.none }}" }
      main: { type: boolean, default: "\${{ github.ref == 'refs/heads/main' }}" }
      more: { type: number, default: "\${{ fromJSON('${more}') }}" }
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: "echo '\${{ toJSON(inputs) }}' | tr -d '\\n'" }]
`,
    });
    stage.write(asks("4"));
    const called = ["--workflow", "called.yml", "--event", "workflow_call", "--var", "TEAM=web"];
    const { lines } = await stage.json(called);
    expect(JSON.parse(logOf(lines))).toEqual({ where: "on main for web", main: true, more: 4 });
    const given = await stage.json(["--workflow", "called.yml", "--input", "where=there"]);
    expect(JSON.parse(logOf(given.lines))).toMatchObject({ where: "there", main: true });
    stage.write(asks("{"));
    const { code, err } = await stage.run(["job", "--repo", stage.repo, ...called]);
    expect([code, err]).toEqual([1, expect.stringMatching(/default of the input "more" .* fromJSON/u)]);
    expect(err).toContain("--input more=VALUE");
  });

  test.each([
    [[], /input "text" is missing/u],
    [["text=a", "flag=maybe"], /boolean: true or false/u],
    [["text=a", "count=many"], /is a number/u],
    [["text=a", "pick=three"], /one of: one, two/u],
    [["text=a", "more=b"], /no input "more"/u],
  ] as const)("%j is refused", async (pairs, words) => {
    const { code, err } = await stage.run(["job", "--repo", stage.repo, ...given(...pairs)]);
    expect(code).toBe(1);
    expect(err).toMatch(words);
  });
});
