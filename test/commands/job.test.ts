import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import type { HydrationRun } from "../../app/hydrate/hydrate-plan.ts";
import { reproduceComment } from "../../app/runs/report-commands.ts";
import { setUpRoom, workflow } from "../hydrate/set-up.ts";
import { BASE_TIP, HEAD, openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

let count = 0;
const say = (body: string) => dispatch(world.deps, world.comment(body, { guid: `guid-${(count += 1)}` }));
const lastAnswer = async () => (await world.answers()).at(-1) ?? "";

describe("/crabbox job", () => {
  it("makes a run whose execution is the job, with a check of its own and every option of a run", async () => {
    await say(
      "/crabbox job test --workflow ci.yml --matrix node=24 --matrix 'os=my own' --class large --timeout 1h",
    );
    const [run] = await world.runs();
    expect(run).toMatchObject({
      command: 'job test --workflow ci.yml --matrix node=24 --matrix "os=my own"',
      checkName: "crabbox / job: test (ci.yml, node=24, os=my own, large)",
      headSha: HEAD,
      baseSha: BASE_TIP,
      state: "queued",
      options: {
        class: "large",
        timeoutMs: 3_600_000,
        job: { workflow: "ci.yml", job: "test", matrix: { node: "24", os: "my own" } },
      },
    });
  });

  it("is repeated by retry, and can be commented again from its check", async () => {
    await say("/crabbox job test --only --matrix node=24 --class fast");
    const [first] = await world.runs();
    if (first === undefined) throw new Error("no run");
    await world.finish(first);
    await say("/crabbox retry");
    const [second] = await world.runs();
    expect(second).toMatchObject({ retryOf: first.id, checkName: first.checkName, options: first.options });
    expect(second?.options.job).toEqual({ job: "test", matrix: { node: "24" }, only: true });
    const usual = { class: "standard", timeoutMs: 1_800_000, ttlMs: 5_400_000, idleMs: 600_000 } as const;
    expect(reproduceComment(first, usual)).toBe("/crabbox job test --matrix node=24 --only --class fast");
  });

  it("of a long name still has a check of its own", async () => {
    await say(`/crabbox job ${"long".repeat(30)}a`);
    await say(`/crabbox job ${"long".repeat(30)}b`);
    const names = (await world.runs()).map(({ checkName }) => checkName);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThan(110);
  });

  it("says with --noop what would run, and what runs before it", async () => {
    const text =
      "on: push\njobs:\n  build:\n    runs-on: x\n    steps: [{ run: x }]\n  test:\n    needs: build\n    runs-on: x\n    steps: [{ run: y }]\n";
    const { plan } = setUpRoom([workflow(text)]);
    const deps = { ...world.deps, hydration: (run: HydrationRun) => plan(run) };
    await dispatch(deps, world.comment("/crabbox job test --noop", { guid: "noop" }));
    expect(await lastAnswer()).toContain("job test");
    expect(await lastAnswer()).toMatch(
      /^\| Set-up \| the whole job .*test.*ci.*yml.*, after .*build.* on the same box/mu,
    );
    await dispatch(deps, world.comment("/crabbox job tset --noop", { guid: "wrong" }));
    expect(await lastAnswer()).toContain("would fail");
    expect(await world.runs()).toEqual([]);
  });

  it("is held on a fork, and says so with --noop", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, fork: true, headRepositoryId: 99 };
    await say("/crabbox job test --noop --provider cell");
    expect(await lastAnswer()).toContain("once a writer has approved this commit");
    expect(await world.runs()).toEqual([]);
    await say("/crabbox job test --provider cell");
    expect(await world.runs()).toMatchObject([{ state: "held" }]);
  });
});

describe("--matrix and --needs of run", () => {
  const hydrateOf = async () => (await world.runs())[0]?.options.hydrate;

  it("say more about the job that the file names; another job is another matter", async () => {
    world.outside.file.texts.set(BASE_TIP, "hydrate: { job: setup, matrix: { node: 22 } }\n");
    await say("/crabbox run -- make");
    expect(await hydrateOf()).toEqual({ job: "setup", matrix: { node: "22" }, by: "crabbox.yml" });
    await say("/crabbox run --matrix node=24 --needs -- make a");
    expect(await hydrateOf()).toEqual({ job: "setup", matrix: { node: "24" }, needs: true, by: "name" });
    await say("/crabbox run --job other -- make b");
    expect(await hydrateOf()).toEqual({ job: "other", by: "name" });
  });

  it("stand alone in the comment", async () => {
    await say("/crabbox run --needs -- make");
    expect(await hydrateOf()).toEqual({ needs: true, by: "name" });
  });

  it("stand alone in the file", async () => {
    world.outside.file.texts.set(BASE_TIP, "hydrate: { needs: true }\n");
    await say("/crabbox run -- make");
    expect(await hydrateOf()).toEqual({ needs: true, by: "crabbox.yml" });
  });
});
