import { describe, expect, it } from "vitest";
import { createStepSecrets, type MappedRepository, type SecretsRun } from "../../app/hydrate/secrets.ts";
import { headDomain, isUntrusted } from "../../app/leases/lease.ts";
import { bare } from "./actions/repositories.ts";
import { job, planned, setUpRoom } from "./set-up.ts";

const KEY = Buffer.alloc(32, 7);
const SHOP = { id: 11, owner: "Acme", name: "shop", defaultBranch: "main" };
const entry = (change: Partial<MappedRepository> = {}): MappedRepository => ({
  id: 11,
  repository: "acme/Shop",
  bases: ["release"],
  vars: { REGION: "eu" },
  secrets: new Map([
    ["NPM_TOKEN", "npm-value"],
    ["OTHER", "other-value"],
  ]),
  ...change,
});
const run = (change: Partial<SecretsRun> = {}): SecretsRun => ({
  baseRef: "main",
  trustDomain: "11:trusted",
  options: {},
  ...change,
});
const secretsOf = (...mapped: readonly MappedRepository[]) => createStepSecrets(mapped, KEY);

describe("mapped secrets", () => {
  it("are for the base's steps of the repository's own branches", () => {
    const secrets = secretsOf(entry());
    expect(secrets.allowed(run(), SHOP)).toEqual({ names: ["NPM_TOKEN", "OTHER"], why: null });
    expect(secrets.allowed(run({ baseRef: "release" }), SHOP).why).toBeNull();
    expect(secrets.values(run(), SHOP, ["NPM_TOKEN", "GONE"])).toEqual({ NPM_TOKEN: "npm-value" });
    expect(secrets.vars(SHOP)).toEqual({ REGION: "eu" });
  });

  it.each([
    ["a fork's pull request", run({ trustDomain: "11:fork:3" }), SHOP, /forks and of Dependabot/u],
    ["a trust domain that nobody knows", run({ trustDomain: "11:else" }), SHOP, /forks and of Dependabot/u],
    ["boxes of another repository", run({ trustDomain: "12:trusted" }), SHOP, /this run's boxes/u],
    ["the head's steps", run({ options: { stepsFrom: "head" } }), SHOP, /steps from the head/u],
    ["boxes of the head's steps", run({ trustDomain: headDomain(11) }), SHOP, /this run's boxes/u],
    ["another base branch", run({ baseRef: "wip" }), SHOP, /base branches main, release only/u],
    ["a renamed repository", run(), { ...SHOP, name: "store" }, /as acme\/Shop, before it was renamed/u],
    [
      "another repository that took the name",
      run({ trustDomain: "12:trusted" }),
      { ...SHOP, id: 12 },
      /another Acme\/shop, whose id is not 12/u,
    ],
    [
      "a repository that is not mapped",
      run({ trustDomain: "9:trusted" }),
      { ...SHOP, id: 9, name: "x" },
      /map none for Acme\/x \(id 9\)/u,
    ],
  ])("are not for %s", (_name, asked, repository, why) => {
    const secrets = secretsOf(entry());
    expect(secrets.allowed(asked, repository)).toEqual({ names: [], why: expect.stringMatching(why) });
    expect(secrets.values(asked, repository, ["NPM_TOKEN"])).toEqual({});
  });

  it("are masked on any box that had them, whoever runs there now", () => {
    expect(secretsOf(entry()).masks(SHOP, ["NPM_TOKEN", "GONE"])).toEqual(["npm-value"]);
    expect(secretsOf(entry()).masks({ ...SHOP, id: 12 }, ["NPM_TOKEN"])).toEqual([]);
  });

  it("are told apart by a digest that only the server can make", () => {
    const digest = secretsOf(entry()).digest(SHOP, ["OTHER", "NPM_TOKEN"]);
    expect(secretsOf(entry()).digest(SHOP, ["NPM_TOKEN", "OTHER"])).toBe(digest);
    expect(secretsOf(entry()).digest(SHOP, ["NPM_TOKEN"])).not.toBe(digest);
    expect(secretsOf(entry()).digest(SHOP, [])).toBeNull();
    const rotated = entry({ secrets: new Map([["NPM_TOKEN", "new"]]) });
    expect(secretsOf(rotated).digest(SHOP, ["NPM_TOKEN"])).not.toBe(
      secretsOf(entry()).digest(SHOP, ["NPM_TOKEN"]),
    );
    expect(createStepSecrets([entry()], Buffer.alloc(32, 8)).digest(SHOP, ["NPM_TOKEN", "OTHER"])).not.toBe(
      digest,
    );
  });
});

describe("a planned set-up", () => {
  const STEPS =
    '      - run: npm ci\n        env: { T: "${{ secrets.npm_token }}", Q: "${{ secrets.GONE }}" }\n';
  const room = (steps: string, mapped = entry(), extra = "") =>
    setUpRoom([job(steps, extra)], {}, { secrets: secretsOf(mapped) });

  it("names the secrets that its steps name, and never holds a value", async () => {
    const plan = planned(await room(STEPS).plan());
    expect(plan.grants).toEqual({ secrets: ["NPM_TOKEN"], token: null });
    expect(plan.job.contexts).toMatchObject({ secrets: {}, vars: { REGION: "eu" } });
    expect(JSON.stringify(plan)).not.toContain("-value");
    expect(plan.notes).toContain("Steps of the workflow get these secrets: NPM_TOKEN.");
    expect(plan.notes).toContain("The secret GONE is not given; it is empty text.");
  });

  it("says that secrets are not had all at once", async () => {
    const said = "All secrets at once are empty text: write `secrets.NAME`.";
    const of = async (text: string) => planned(await room(`      - run: "${text}"\n`).plan()).notes;
    for (const text of ["toJSON(secrets)", "secrets[*]", "join(secrets.*)"])
      expect(await of(`echo \${{ ${text} }}`)).toContain(said);
    for (const text of ["echo ${{ secrets['OTHER'] }}${{ secrets[matrix.a] }}", "all secrets)"])
      expect(await of(text)).not.toContain(said);
  });

  it("is another one when a secret that it uses has another value, and the same when only others have", async () => {
    const of = async (mapped: MappedRepository, change = {}) =>
      planned(await room(STEPS, mapped).plan(change)).phase.fingerprint;
    const first = await of(entry());
    const values = (npm: string, other: string) =>
      entry({
        secrets: new Map([
          ["NPM_TOKEN", npm],
          ["OTHER", other],
        ]),
      });
    expect(await of(values("npm-value", "rotated"))).toBe(first);
    expect(await of(values("rotated", "other-value"))).not.toBe(first);
    expect(await of(entry(), { trustDomain: "11:fork:3" })).not.toBe(first);
  });

  it("of a fork gets nothing, and says why", async () => {
    const steps = `${STEPS}      - run: gh pr view\n        env: { GH_TOKEN: "\${{ github.token }}" }\n`;
    const plan = planned(await room(steps).plan({ trustDomain: "11:fork:3" }));
    expect(plan.grants).toEqual({ secrets: [], token: null });
    expect(plan.notes.join(" ")).toContain(
      "npm_token is not given (code of forks and of Dependabot gets none)",
    );
  });

  it("of the head is read at the head, is another one than the base's, and has no mapped secret", async () => {
    const shas: string[] = [];
    const { plan } = setUpRoom(
      [],
      {},
      {
        secrets: secretsOf(entry()),
        workflows: async (_repository, sha) => {
          shas.push(sha);
          return [job(STEPS)];
        },
      },
    );
    const head = planned(await plan({ options: { stepsFrom: "head" }, trustDomain: headDomain(11) }));
    const base = planned(await plan());
    expect(shas).toEqual(["a".repeat(40), "b".repeat(40)]);
    expect(head.grants.secrets).toEqual([]);
    expect(head.notes.join(" ")).toContain("Set-up steps from head aaaaaaa, not from the base");
    expect(head.job.contexts.github).toMatchObject({
      workflow_sha: "a".repeat(40),
      workflow_ref: "Acme/shop/.github/workflows/ci.yml@refs/heads/change",
    });
    expect(head.phase.fingerprint).not.toBe(base.phase.fingerprint);
    expect(isUntrusted(headDomain(11))).toBe(false);
    const fork = planned(await plan({ options: { stepsFrom: "head" }, trustDomain: "11:fork:3" }));
    expect(fork.job.contexts.github).toMatchObject({ workflow_sha: "b".repeat(40) });
  });

  it.each([
    ["nothing that asks for it", "      - run: make\n", "", null],
    ["github.token", '      - run: "echo ${{ github.token }}"\n', "", ["contents"]],
    ["secrets.GITHUB_TOKEN", '      - run: "echo ${{ secrets.GITHUB_TOKEN }}"\n', "", ["contents"]],
    ["the whole context", '      - run: "echo ${{ toJSON(github) }}"\n', "", ["contents"]],
    ["another name of the context", '      - run: "echo ${{ github.sha }}"\n', "", null],
    [
      "permissions, write as read",
      '      - run: "echo ${{ github.token }}"\n',
      "    permissions: { pull-requests: write, contents: none, id-token: write, packages: read }\n",
      ["pull_requests"],
    ],
    ["no permissions", '      - run: "echo ${{ github.token }}"\n', "    permissions: {}\n", []],
    [
      "all permissions",
      '      - run: "echo ${{ github.token }}"\n',
      "    permissions: write-all\n",
      ["contents"],
    ],
  ] as const)("has a token that reads what it may: %s", async (_name, steps, extra, token) => {
    expect(planned(await room(steps, entry(), extra).plan()).grants.token).toEqual(token);
  });

  it("has a token for an action that takes it by default", async () => {
    const { root, plan } = room("      - uses: acme/tool@v1\n");
    bare(
      root,
      "acme/tool",
      {
        "action.yml":
          'name: t\ninputs: { token: { default: "${{ github.token }}" } }\nruns: { using: node24, main: i.js }\n',
      },
      ["v1"],
    );
    expect(planned(await plan()).grants.token).toEqual(["contents"]);
  });
});
