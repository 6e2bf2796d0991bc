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
      '{"text":"hi","flag":false,"count":4,"pick":"one","where":"staging"}{"text":"hi"}',
    );
    const all = await stage.json(given("text=hi", "flag=true", "count=5", "pick=two", "where=prod"));
    expect(logOf(all.lines)).toContain('{"text":"hi","flag":true,"count":5,"pick":"two","where":"prod"}');
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
