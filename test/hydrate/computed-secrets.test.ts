import { describe, expect, it } from "vitest";
import { computedNames } from "../../app/hydrate/plan/computed-names.ts";
import { namesFrom } from "../../app/hydrate/plan/texts.ts";
import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import { headDomain } from "../../app/leases/lease.ts";
import type { HydrationRun } from "../../app/hydrate/hydrate-plan.ts";
import { job, planned, setUpRoom } from "./set-up.ts";

const NAMES = ["KEY_LINUX", "KEY_MAC", "NPM_TOKEN", "OTHER"];
const mapped = {
  id: 11,
  repository: "Acme/shop",
  bases: [],
  vars: { WHICH: "npm_token" },
  secrets: new Map(NAMES.map((name) => [name, `value-of-${name}`])),
};
const MATRIX = "    strategy: { matrix: { os: [linux, mac], name: [NPM_TOKEN] } }\n";
const OPEN = "The name of a secret is known only on the box: steps get every mapped one that it may come to.";

function room(index: string, extra = MATRIX) {
  const step = `      - { id: a, run: make }\n      - run: "echo \${{ secrets[${index}] }}"\n`;
  return setUpRoom([job(step, extra)], {}, { secrets: createStepSecrets([mapped], Buffer.from("key")) });
}

describe("secrets by computed names", () => {
  it.each([
    ["matrix.name", ["NPM_TOKEN"]],
    ["format('KEY_{0}', matrix.os)", ["KEY_LINUX"]],
    ["vars.WHICH", ["NPM_TOKEN"]],
    ["github.base_ref == 'main' && 'OTHER' || 'NPM_TOKEN'", ["OTHER"]],
    ["case(matrix.os == 'mac', 'KEY_MAC', 'NPM_TOKEN')", ["NPM_TOKEN"]],
    ["fromJSON('[\\\"OTHER\\\"]')[0]", ["OTHER"]],
    ["format('{0}_TOKEN', github.event_name == 'pull_request' && 'NPM')", ["NPM_TOKEN"]],
    ["(format('KEY_{0}', (matrix.os)))", ["KEY_LINUX"]],
    // Braces in a string end no expression.
    ["'}}' == '}}' && format('{0}', 'OTHER')", ["OTHER"]],
    ["format('{0}}}', 'OTHER')", []],
    ["(github.event)['number'] == 3 && matrix.name", ["NPM_TOKEN"]],
    ["matrix.nothing", []],
    ["fromJSON('no json')", []],
  ])("known when the plan is made: %s gives that one", async (index, names) => {
    const { grants, notes } = planned(await room(index).plan());
    expect(grants.secrets).toEqual(names);
    expect(notes).not.toContain(OPEN);
  });

  it.each([
    ["format('KEY_{0}', steps.a.outputs.os)", ["KEY_LINUX", "KEY_MAC"]],
    ["format('{0}_TOKEN', env.WHAT)", ["NPM_TOKEN"]],
    ["steps.a.outputs.is && 'OTHER' || matrix.name", ["NPM_TOKEN", "OTHER"]],
    ["case(steps.a.outputs.is, 'OTHER', 'NONE')", ["OTHER"]],
    ["format('a{{0}}', env.X)", []],
    ["steps.a.outputs.name", NAMES],
    ["format(env.PATTERN, 'x')", NAMES],
    ["(env.X && 'OTHER' || 'NPM_TOKEN')", ["NPM_TOKEN", "OTHER"]],
    // What the box makes of `github` is not in the plan.
    ["github.job", NAMES],
    ["format('{0}_TOKEN', github['action'])", ["NPM_TOKEN"]],
    ["format('KEY_{0}', join(github.*, ''))", ["KEY_LINUX", "KEY_MAC"]],
    ["secrets[env.X]", NAMES],
  ])("known on the box only: %s gives what it may come to", async (index, names) => {
    const { grants, notes } = planned(await room(index).plan());
    expect(grants.secrets).toEqual(names);
    if (names.length === NAMES.length) expect(notes).toContain(OPEN);
  });

  it("is found in brackets, and behind a string with braces", async () => {
    const texts = [
      "(secrets[matrix.name])",
      "(secrets)[matrix.name]",
      "(( secrets ) )['NPM_TOKEN']",
      "(secrets).NPM_TOKEN",
      "'}}' && secrets[matrix.name]",
      "format('a}}{0}', secrets.OTHER)",
    ];
    const found = await Promise.all(
      texts.map(async (text) => {
        const step = `      - run: "echo \${{ ${text} }}"\n`;
        const secrets = createStepSecrets([mapped], Buffer.from("key"));
        return planned(await setUpRoom([job(step, MATRIX)], {}, { secrets }).plan()).grants.secrets;
      }),
    );
    expect(found).toEqual([...Array.from({ length: 5 }, () => ["NPM_TOKEN"]), ["OTHER"]]);
  });

  it.each<readonly [string, Partial<HydrationRun>]>([
    ["a fork", { trustDomain: "11:fork:3" }],
    ["the head's steps", { options: { stepsFrom: "head" }, trustDomain: headDomain(11) }],
    ["a base that is not mapped", { baseRef: "wip" }],
  ])("gives nothing to %s", async (_, change) => {
    for (const index of ["matrix.name", "steps.a.outputs.name"])
      expect(planned(await room(index).plan(change)).grants.secrets).toEqual([]);
  });

  it("is another set-up for another value of what it may come to", async () => {
    const of = async (secrets: ReadonlyMap<string, string>, index: string): Promise<string> => {
      const step = `      - run: "echo \${{ secrets[${index}] }}"\n`;
      const settings = createStepSecrets([{ ...mapped, secrets }], Buffer.from("key"));
      return planned(await setUpRoom([job(step, MATRIX)], {}, { secrets: settings }).plan()).phase
        .fingerprint;
    };
    const rotated = new Map([...mapped.secrets, ["OTHER", "new"]]);
    expect(await of(rotated, "matrix.name")).toBe(await of(mapped.secrets, "matrix.name"));
    expect(await of(rotated, "env.X")).not.toBe(await of(mapped.secrets, "env.X"));
  });

  it("may be GitHub's own token", async () => {
    expect(planned(await room("format('{0}_TOKEN', 'GITHUB')").plan()).grants).toEqual({
      secrets: [],
      token: ["contents"],
    });
  });

  it("is none where a name is written down, and stays quick for hostile texts", () => {
    expect(computedNames("${{ secrets.A }} ${{ secrets['B'] }} ${{ toJSON(secrets) }}", {})).toBeNull();
    expect(computedNames("secrets[matrix.a] outside, ${{ secrets[ }}", {})).toBeNull();
    const nested = `${"(".repeat(50_000)}secrets${")".repeat(50_000)}.A ${" ".repeat(100_000)}(`;
    expect(computedNames(`\${{ ${nested} }}`, {})).toBeNull();
    expect(namesFrom("secrets", `\${{ ${nested} }}`)).toEqual([]);
    const many = Array.from({ length: 200 }, () => "a{0}").join("");
    const found = computedNames(`\${{ secrets[format('${many}', env.X)] }}`, {});
    expect(found?.mayBe("a".repeat(199))).toBe(false);
    expect(found?.mayBe("a".repeat(201))).toBe(true);
    const wide = Array.from({ length: 60 }, (_, at) => `env.X && 'N${at}'`).join(" || ");
    expect(computedNames(`\${{ secrets[${wide}] }}`, {})?.mayBe("anything")).toBe(true);
  });
});
