import { afterAll, beforeAll, expect, test } from "vitest";
import { logOf, openJobStage, resultOf, type JobStage } from "./stage.ts";

const GIVEN = "given-hunter22";
const ADDED = "added-hunter23";
/** GitHub hands no output on that holds a secret as it is, so people encode it. */
const coded = (secret: string): string => Buffer.from(secret).toString("base64");

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  stage.write({
    ".github/workflows/ci.yml": `on: push
jobs:
  make:
    runs-on: ubuntu-latest
    outputs:
      plain: got \${{ secrets.KEY }}
      given: \${{ steps.s.outputs.given }}
      added: \${{ steps.s.outputs.added }}
    steps:
      - id: s
        name: Sign in with \${{ secrets.KEY }}
        run: |
          added=added-$(echo hunter)23
          echo "::add-mask::$added"
          echo "raw=$added and \${{ secrets.KEY }}" >> $GITHUB_OUTPUT
          echo "added=$(printf %s "$added" | base64)" >> $GITHUB_OUTPUT
          echo "given=$(printf %s "\${{ secrets.KEY }}" | base64)" >> $GITHUB_OUTPUT
      - { name: "Then \${{ steps.s.outputs.raw }}", run: "true" }
  use:
    needs: make
    name: "use \${{ matrix.key }}"
    strategy:
      fail-fast: false
      matrix: { key: ["\${{ needs.make.outputs.given }}", "\${{ needs.make.outputs.added }}"] }
    runs-on: ubuntu-latest
    continue-on-error: true
    steps:
      - name: Take \${{ matrix.key }}
        run: |
          whole=$(echo "\${{ matrix.key }}" | base64 --decode)
          echo "it is $whole, of $(echo $whole | wc --bytes) bytes"
          exit 1
`,
  });
});
afterAll(() => stage.close());

const asked = ["--workflow", "ci.yml", "--secret", `KEY=${GIVEN}`];

test("--json: no name, output or matrix tells a secret, and a needing job has the real one", async () => {
  const { code, lines } = await stage.json(asked);
  expect(code).toBe(0);
  const make = resultOf(lines, "make");
  expect(make.outputs).toEqual({ given: "***", added: "***" });
  expect(make.steps.map(({ name, outputs }) => [name, outputs])).toEqual([
    ["Sign in with ***", { raw: "*** and ***", given: "***", added: "***" }],
    ["Then *** and ***", {}],
  ]);
  const uses = lines.filter(({ type, job }) => type === "job" && job === "use");
  expect(uses.map(({ matrix }) => matrix)).toEqual([{ key: "***" }, { key: "***" }]);
  expect(uses[0]?.steps.map(({ name }) => name)).toEqual(["Take ***"]);
  const whole = `it is ***, of ${GIVEN.length + 1} bytes`;
  expect(logOf(lines).match(/^it is .*$/gmu)).toEqual([whole, whole]);
  const told = JSON.stringify(lines);
  for (const secret of [GIVEN, ADDED])
    for (const form of [secret, coded(secret)]) expect(told).not.toContain(form);
});

test("for people the same is told", async () => {
  const { code, out, err } = await stage.run(["job", "--repo", stage.repo, ...asked]);
  expect(code).toBe(0);
  expect(out).toContain("== use *** (use)");
  expect(out).toContain('job use {"key":"***"}: failure');
  expect(out).toContain('use {"key":"***"}: it may fail');
  for (const secret of [GIVEN, ADDED])
    for (const form of [secret, coded(secret)]) expect(`${out}${err}`).not.toContain(form);
});
