import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mergeCommit } from "../../app/auto/merge-commit.ts";
import type { TestMerge } from "../../app/github/changes.ts";
import { BASE_TIP, HEAD } from "../commands/world.ts";
import { openAutoWorld, type AutoWorld } from "./world.ts";

const file = (entry: string, more = "") =>
  `commands: { unit: { run: make } }\nauto: { unit: { command: unit, ${entry} } }\n${more}`;

let world: AutoWorld;
beforeEach(async () => {
  world = await openAutoWorld();
});
afterEach(() => world.close());

describe("an entry", () => {
  it("is skipped by its paths, which is reported under its name", async () => {
    world.write(file("paths: [src/**]"));
    world.outside.file.changed = ["docs/a.md"];
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      {
        checkName: "crabbox / unit",
        state: "reporting",
        outcome: "skipped",
        detail: { message: expect.stringMatching(/changed file/u) },
      },
    ]);
  });

  it("runs, and says so, when GitHub lists too few files to know", async () => {
    world.write(file("paths: [src/**]"));
    world.outside.file.changed = "too_many";
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      { state: "queued", options: { notes: [expect.stringMatching(/3,000/u)] } },
    ]);
  });

  it("has the file's paths when it has none of its own", async () => {
    world.write(file("draft: run", "paths: [src/**]\n"));
    world.outside.file.changed = ["src/a.ts"];
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([{ state: "queued" }]);
  });

  it.each([
    ["skip", "skipped"],
    ["run", null],
  ])("on a draft: %s", async (draft, outcome) => {
    world.write(file(`draft: ${draft}`));
    world.outside.pullRequest = { ...world.outside.pullRequest, draft: true };
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([{ outcome }]);
  });

  it("keeps what the file says of variables and of others of its check", async () => {
    world.write(file("draft: run", "env: [TZ]\nconcurrency: { mode: queue, max: 2 }\n"));
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      { options: { env: ["TZ"], group: { mode: "queue", max: 2 } } },
    ]);
  });

  it("ends the ones before it where the file says so", async () => {
    world.write(file("draft: run", "concurrency: { mode: cancel-previous }\n"));
    await world.trigger("g1");
    await world.trigger("g2");
    await world.trigger("g2");
    const runs = await world.runs();
    expect(runs.map(({ cancel }) => cancel?.outcome)).toEqual([undefined, "superseded"]);
    expect(runs[1]?.cancel?.reason).toContain(runs[0]?.id);
  });

  it("that tests the merge has its commit, and the base it was made of", async () => {
    world.write(file("merge: true"));
    world.outside.file.merge = { kind: "ready", sha: "d".repeat(40), parents: [BASE_TIP, HEAD] };
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      { headSha: HEAD, checkoutSha: "d".repeat(40), baseSha: BASE_TIP, state: "queued" },
    ]);
  });

  it("that tests the merge says a conflict", async () => {
    world.write(file("merge: true"));
    world.outside.file.merge = { kind: "conflict" };
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      {
        outcome: "sync_failed",
        checkoutSha: HEAD,
        detail: { message: expect.stringMatching(/conflicts with main/u) },
      },
    ]);
  });
});

describe("the merge commit", () => {
  const SHA = "d".repeat(40);
  const ready = (parents: readonly string[]): TestMerge => ({ kind: "ready", sha: SHA, parents });
  const pull = { number: 5, headSha: HEAD, baseRef: "main" };
  const ref = { installationId: 1, owner: "octo", name: "shop" };

  async function taken(answers: readonly TestMerge[]) {
    const waits: number[] = [];
    let asked = 0;
    const made = await mergeCommit(
      {
        clock: { sleep: async (ms) => void waits.push(ms) },
        branchTip: async () => BASE_TIP,
        changes: {
          testMerge: async () => answers[Math.min(asked++, answers.length - 1)] ?? { kind: "unknown" },
        },
      },
      ref,
      pull,
    );
    return { made, waits };
  }

  it("is waited for while GitHub does not know, or has one of an older head or base", async () => {
    const { made, waits } = await taken([
      { kind: "unknown" },
      ready([BASE_TIP, "e".repeat(40)]),
      ready(["f".repeat(40), HEAD]),
      ready([BASE_TIP, HEAD]),
    ]);
    expect(made).toEqual({ ok: true, sha: SHA, baseSha: BASE_TIP });
    expect(waits).toHaveLength(3);
  });

  it.each([
    ["never known", { kind: "unknown" } as const],
    ["always of another head", ready([BASE_TIP, "e".repeat(40)])],
    ["of three", ready([BASE_TIP, HEAD, "e".repeat(40)])],
    ["turned round", ready([HEAD, BASE_TIP])],
  ])("is not taken when it is %s; the wait is bounded", async (_what, answer) => {
    const { made, waits } = await taken([answer]);
    expect(made).toMatchObject({
      ok: false,
      ended: { outcome: "sync_failed", detail: { message: expect.stringMatching(/in time/u) } },
    });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(60_000);
  });
});
