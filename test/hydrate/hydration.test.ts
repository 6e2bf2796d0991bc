import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bare } from "./actions/repositories.ts";
import { BASE, job, planned, setUpRoom } from "./set-up.ts";

const WORKFLOW = job("      - run: make\n");

describe("what is read", () => {
  function stage(faults: number) {
    let reads = 0;
    const { plan, clock } = setUpRoom(
      [],
      {},
      {
        async workflows() {
          reads += 1;
          if (reads <= faults) throw new Error("GitHub is away");
          return [WORKFLOW];
        },
      },
    );
    return { plan: (baseSha: string) => plan({ baseSha }), clock, reads: () => reads };
  }

  it("is read once for a commit, however many ask and however late", async () => {
    const { plan, clock, reads } = stage(0);
    await Promise.all([plan("a"), plan("a")]);
    clock.at = 3_600_000;
    expect(await plan("a")).toMatchObject({ kind: "plan" });
    expect(reads()).toBe(1);
    await plan("b");
    expect(reads()).toBe(2);
  });

  it("is forgotten when it failed, and so is the oldest of many", async () => {
    const { plan, reads } = stage(1);
    await expect(plan("a")).rejects.toThrow("away");
    await plan("a");
    for (let n = 0; n < 100; n += 1) await plan(`c${n}`);
    await plan("a");
    expect(reads()).toBe(103);
  });
});

describe("actions", () => {
  const uses = job("      - uses: acme/tool@v1\n      - run: npm test\n");

  it("are pinned to a commit, packed, and asked about again after a while", async () => {
    const { root, plan, clock } = setUpRoom([uses]);
    const first = bare(
      root,
      "acme/tool",
      { "action.yml": "name: t\nruns: { using: node24, main: i.js }\n" },
      ["v1"],
    );
    const before = planned(await plan());
    expect(Object.values(before.job.actions)).toMatchObject([{ sha: first, ref: "v1" }]);
    expect(before.phase.archives).toMatchObject([
      { archive: `acme+tool+${first}`, sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) },
    ]);
    rmSync(`${root}/acme/tool.git`, { recursive: true });
    const second = bare(
      root,
      "acme/tool",
      { "action.yml": "name: t\nruns: { using: node24, main: i.js }\n", new: "1" },
      ["v1"],
    );
    expect(planned(await plan()).phase).toEqual(before.phase);
    clock.at = 600_000;
    const after = planned(await plan());
    expect(Object.values(after.job.actions)).toMatchObject([{ sha: second }]);
    expect(after.phase.fingerprint).not.toBe(before.phase.fingerprint);
  });

  it("that cannot be had refuse by file, line and step, and are looked for again", async () => {
    const { root, plan } = setUpRoom([uses]);
    expect(await plan()).toMatchObject({
      kind: "refused",
      place: ".github/workflows/ci.yml:6",
      step: "step 1 (acme/tool@v1)",
      reason: expect.stringContaining("acme/tool@v1 cannot be had"),
    });
    bare(root, "acme/tool", { "action.yml": "name: t\nruns: { using: node24, main: i.js }\n" }, ["v1"]);
    expect(await plan()).toMatchObject({ kind: "plan" });
  });

  it("of the repository itself are its base commit's, carried as a whole", async () => {
    const packed: (readonly [string, boolean])[] = [];
    const { plan } = setUpRoom(
      [job("      - uses: ./.github/actions/prepare\n")],
      { ".github/actions/prepare/action.yml": "name: p\nruns: { using: node24, main: i.js }\n" },
      {
        pack: async ({ archive, nwo, sha }, own) => {
          packed.push([`${nwo}@${sha}`, own !== null]);
          return { archive, sha256: "c".repeat(64), sizeBytes: 1 };
        },
      },
    );
    const { phase, job: found } = planned(await plan());
    expect(packed).toEqual([[`Acme/shop@${BASE}`, true]]);
    const [action] = Object.values(found.actions);
    expect(action?.source).toEqual({
      kind: "archive",
      archive: phase.archives[0]?.archive,
      path: ".github/actions/prepare",
    });
  });

  it("that only answer checkout are not carried", async () => {
    const { root, plan } = setUpRoom([job("      - uses: actions/checkout@v6\n      - run: make\n")]);
    expect(planned(await plan()).phase.archives).toEqual([]);
    bare(root, "actions/checkout", { "action.yml": "name: c\nruns: { using: node24, main: i.js }\n" }, [
      "v6",
    ]);
    expect(planned(await plan()).phase.archives).toEqual([]);
  });
});

it("tells the steps about the pull request and the commit, and gives them no token", async () => {
  const { job: found } = planned(await setUpRoom([WORKFLOW]).plan());
  expect(found.contexts).toMatchObject({ secrets: {}, vars: {} });
  expect(found.contexts.github).toMatchObject({
    sha: "a".repeat(40),
    ref: "refs/pull/3/merge",
    event_name: "pull_request",
    repository: "Acme/shop",
    token: "",
    event: { number: 3 },
  });
});
