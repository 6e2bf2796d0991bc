import { describe, expect, it } from "vitest";
import type { HydrateAsked } from "../../app/hydrate/hydrate-asked.ts";
import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import { bare } from "./actions/repositories.ts";
import { planned, setUpRoom, workflow } from "./set-up.ts";

const CALLED = ".github/workflows/set-up.yml";
const caller = (more: string, uses = `./${CALLED}`): ReturnType<typeof workflow> =>
  workflow(`on: push\njobs:\n  hydrate:\n    uses: ${uses}\n${more}`);
const called = (jobs: string, call = ""): string => `on:\n  workflow_call:\n${call}jobs:\n${jobs}`;
const ONE = called(
  "  prepare:\n    runs-on: ubuntu-latest\n    steps: [{ run: npm ci }, { run: npm test }, { uses: gone/away@v1 }]\n",
);
const asking = (hydrate: Partial<HydrateAsked>) => ({
  options: { hydrate: { by: "name", ...hydrate } as HydrateAsked },
});
const mapped = {
  id: 11,
  repository: "Acme/shop",
  bases: [],
  vars: {},
  secrets: new Map([
    ["NPM_TOKEN", "npm-value"],
    ["OTHER", "other-value"],
  ]),
};

function room(text: string | null, more = "") {
  return setUpRoom([caller(more)], text === null ? {} : { [CALLED]: text }, {
    secrets: createStepSecrets([mapped], Buffer.from("key")),
  });
}

describe("a job `hydrate` that calls a workflow", () => {
  it("is the called workflow's one job, cut; what stands behind the cut is not even looked for", async () => {
    const plan = await room(ONE).plan();
    const { phase, job, notes } = planned(plan);
    expect(job).toMatchObject({ job: "hydrate / prepare", steps: [{ run: "npm ci" }] });
    expect(phase.jobs).toMatchObject({ target: "hydrate", inner: "hydrate / prepare" });
    expect(phase.jobs?.prepared[0]?.callee?.jobs[0]?.resolved.steps).toHaveLength(1);
    expect(notes.join(" ")).toContain(`Of ./${CALLED} the job \`prepare\`: it has no other.`);
  });

  it("is another set-up for other files that it installs from, not for each commit", async () => {
    const files = { lock: "1" };
    const { plan } = setUpRoom([caller("")], { [CALLED]: ONE }, {
      files: async () => ({ kind: "all", files: [{ path: "package-lock.json", sha: files.lock }] }),
    } as never);
    const first = planned(await plan({ checkoutSha: "1".repeat(40) })).phase.fingerprint;
    expect(planned(await plan({ checkoutSha: "2".repeat(40) })).phase.fingerprint).toBe(first);
    files.lock = "2";
    expect(planned(await plan({ checkoutSha: "3".repeat(40) })).phase.fingerprint).not.toBe(first);
  });

  it("hands on inputs and secrets, and only what is named of these is asked for", async () => {
    const text = called(
      "  prepare:\n    runs-on: ubuntu-latest\n    steps: [{ run: 'echo ${{ inputs.version }} ${{ secrets.token }}' }]\n",
      "    inputs: { version: { type: string, required: true } }\n    secrets: { token: { required: true } }\n",
    );
    const more = "    with: { version: '24' }\n    secrets: { token: '${{ secrets.NPM_TOKEN }}' }\n";
    const plan = await room(text, more).plan();
    expect(plan).toMatchObject({ kind: "plan", grants: { secrets: ["NPM_TOKEN"] } });
    expect(JSON.stringify(plan)).not.toContain("npm-value");
    const inherited = called(
      "  prepare:\n    runs-on: ubuntu-latest\n    steps: [{ run: 'echo ${{ secrets.OTHER }}' }]\n",
    );
    expect(await room(inherited, "    secrets: inherit\n").plan()).toMatchObject({
      grants: { secrets: ["OTHER"] },
    });
    expect(await room(text, "    with: { version: '24' }\n").plan()).toMatchObject({
      kind: "refused",
      step: "hydrate",
      reason: expect.stringContaining("needs the secret `token`"),
    });
    expect(await room(text).plan()).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("needs the input `version`"),
    });
  });

  it("takes of several jobs the one named hydrate, or the one that looks like it, else says what to do", async () => {
    const jobs = (names: readonly string[], run: string): string =>
      called(
        names
          .map((name) => `  ${name}:\n    runs-on: ubuntu-latest\n    steps: [{ run: ${run} }]\n`)
          .join(""),
      );
    const named = planned(await room(jobs(["a", "hydrate"], "make")).plan());
    expect(named.job.job).toBe("hydrate / hydrate");
    expect(await room(jobs(["a", "b"], "make")).plan()).toMatchObject({
      kind: "refused",
      step: "hydrate",
      reason: expect.stringContaining(
        "has several jobs (`a`, `b`): name the one that prepares a box `hydrate`",
      ),
    });
  });

  it("waits for other jobs of the called workflow only when that is asked for", async () => {
    const text = called(
      "  before: { runs-on: ubuntu-latest, steps: [{ run: make }] }\n  other: { runs-on: ubuntu-latest, steps: [{ run: make }] }\n  hydrate: { needs: before, runs-on: ubuntu-latest, steps: [{ run: npm ci }] }\n",
    );
    expect(await room(text).plan()).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("hydrate / hydrate waits for other jobs (`needs: before`)"),
    });
    const { phase } = planned(await room(text).plan(asking({ needs: true })));
    expect(phase.jobs?.prepared[0]?.callee?.jobs.map(({ model }) => model.id)).toEqual(["before", "hydrate"]);
  });

  it("may be a workflow of another repository, pinned, and call on from there", async () => {
    const { root, plan } = setUpRoom([caller("", "acme/flows/.github/workflows/a.yml@v1")]);
    expect(await plan()).toMatchObject({ kind: "refused", reason: expect.stringContaining("cannot be had") });
    bare(
      root,
      "acme/flows",
      {
        ".github/workflows/a.yml": called("  on: { uses: ./.github/workflows/b.yml }\n"),
        ".github/workflows/b.yml": ONE,
      },
      ["v1"],
    );
    expect(planned(await plan()).job).toMatchObject({
      job: "hydrate / on / prepare",
      steps: [{ run: "npm ci" }],
    });
  });

  it.each([
    ["is not there", null, ".github/workflows/ci.yml:4", "is not there"],
    [
      "cannot be called",
      "on: push\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n",
      ".github/workflows/ci.yml:4",
      "no `workflow_call`",
    ],
    [
      "wants another machine",
      called("  a: { runs-on: windows-latest, steps: [{ run: make }] }\n"),
      `${CALLED}:4`,
      "no Linux",
    ],
  ])("whose workflow %s is refused with its place", async (_, text, place, reason) => {
    expect(await room(text).plan()).toMatchObject({
      kind: "refused",
      place,
      reason: expect.stringContaining(reason),
    });
  });

  it("whose condition is false prepares nothing, the caller's or the called one's", async () => {
    expect(await room(ONE, "    if: github.event_name == 'schedule'\n").plan()).toMatchObject({
      kind: "none",
    });
    const never = called("  a: { if: false, runs-on: ubuntu-latest, steps: [{ run: make }] }\n");
    expect(await room(never).plan()).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("`hydrate / a` is skipped"),
    });
  });
});
