import { afterAll, beforeAll, expect, it } from "vitest";

import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import { planned, setUpRoom, workflow } from "../hydrate/set-up.ts";
import { bytesOf } from "./box.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { endsOf, makeHydrateStage } from "./hydrate-stage.ts";

let stage: HydrateStage;
beforeAll(async () => {
  stage = await makeHydrateStage();
});
afterAll(async () => stage.close());

const CALLER = `on: push
jobs:
  hydrate:
    strategy: { matrix: { os: [one, two] } }
    uses: ./.github/workflows/set-up.yml
    with: { os: "\${{ matrix.os }}" }
    secrets: { token: "\${{ secrets.NPM_TOKEN }}" }
`;
const CALLED = `on:
  workflow_call:
    inputs: { os: { type: string } }
    secrets: { token: { required: true } }
jobs:
  before:
    runs-on: ubuntu-latest
    outputs: { made: "\${{ steps.a.outputs.made }}" }
    steps: [{ id: a, run: 'echo made=yes >> $GITHUB_OUTPUT; echo "ENV_OF=before" >> $GITHUB_ENV' }]
  hydrate:
    needs: before
    runs-on: ubuntu-latest
    strategy: { matrix: { tool: [first, second] } }
    steps:
      - name: show
        run: echo "$GITHUB_JOB \${{ inputs.os }} \${{ matrix.tool }} \${{ needs.before.outputs.made }} \${{ secrets.token == 'npm-value' }} [\${{ secrets.NPM_TOKEN }}]"
      - run: echo "KEPT=\${{ inputs.os }}" >> $GITHUB_ENV
      - run: npm test
`;

it("a call runs what it calls: inputs and secrets bound, needed jobs first, one combination on each level", async () => {
  const mapped = {
    id: 11,
    repository: "Acme/shop",
    bases: [],
    vars: {},
    secrets: new Map([["NPM_TOKEN", "npm-value"]]),
  };
  const { plan } = setUpRoom(
    [workflow(CALLER)],
    { ".github/workflows/set-up.yml": CALLED },
    { secrets: createStepSecrets([mapped], Buffer.from("key")) },
  );
  const hydrate = { by: "name", needs: true, matrix: { os: "two" } } as const;
  const { phase, grants } = planned(await plan({ options: { hydrate } }));
  expect(grants.secrets).toEqual(["NPM_TOKEN"]);
  const given = { secrets: { NPM_TOKEN: "npm-value" } };
  const front = stage.box.start(stage.task({ line: 'echo "after $KEPT [$ENV_OF]"', hydrate: phase, given }));
  await front.done;
  expect(front.exit()).toMatchObject({ code: 0 });
  expect(front.output()).toContain("hydrate two first yes true []\n");
  expect(front.output()).not.toContain("second");
  expect(front.output()).toContain("after two []\n");
  expect(endsOf(front).map((line) => line.replace(/^\d+ /u, ""))).toEqual([
    "hydrate (two) / before / Set up job success",
    expect.stringMatching(/^hydrate \(two\) \/ before \/ .*echo made=yes.* success$/u),
    "hydrate (two) / before / Complete job success",
    "Set up job success",
    "show success",
    expect.stringMatching(/^Run echo "KEPT=two".* success$/u),
  ]);
  expect(bytesOf(stage.box.path("hydrated/o/r.json")).toString()).toContain('"KEPT":"two"');

  expect(await plan({ options: { hydrate: { ...hydrate, matrix: { tool: "second" } } } })).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("matrix has no key `tool`"),
  });
});
