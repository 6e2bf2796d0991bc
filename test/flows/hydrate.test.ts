import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../servers/stage.ts";

const WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - name: first
        run: touch was-here
      - name: set up a language
        uses: actions/setup-node@v6
`;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ files: { ".github/workflows/ci.yml": WORKFLOW } });
});
afterAll(() => stage.close());

test("a set-up with a step of another kind is refused by that step's name before anything runs", async () => {
  const check = await stage.run("/crabbox run -- ls");
  expect(check.conclusion).toBe("failure");
  expect(check.output.summary).toContain("set up a language");
  expect(check.output.summary).toContain("Nothing was run");
  expect(check.output.text).not.toContain("was-here");
});
