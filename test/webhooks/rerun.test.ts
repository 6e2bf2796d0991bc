import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Run } from "../../app/store/rows.ts";
import { HEAD, openWorld, type World } from "../commands/world.ts";
import { COMMON, commentPayload, createPost } from "./post.ts";

let world: World;
let post: ReturnType<typeof createPost>;
beforeEach(async () => {
  world = await openWorld();
  post = createPost(world.deps);
});
afterEach(() => world.close());

async function run(id: string, command: string): Promise<Run> {
  world.outside.now += 1_000;
  await post("issue_comment", id, commentPayload(`/crabbox run -- ${command}`, world.outside.now));
  const [newest] = await world.runs();
  if (newest === undefined) throw new Error("no run");
  world.outside.now += 1_000;
  return newest;
}

describe("check_run.rerequested", () => {
  const rerequest = (id: string, externalId: string | null, change: object = {}) =>
    post("check_run", id, {
      ...COMMON,
      action: "rerequested",
      check_run: { id: 4, external_id: externalId, head_sha: HEAD, app: { id: 1 } },
      ...change,
    });

  it("makes a new run of the same command and commit, once for a GUID", async () => {
    const first = await run("g1", "make");
    await world.finish(first);
    await rerequest("g2", first.id);
    await rerequest("g2", first.id);
    expect(await world.runs()).toMatchObject([
      { source: "rerun", retryOf: first.id, command: "make", headSha: HEAD, commentId: null, actor: "mona" },
      { id: first.id },
    ]);
  });

  it("pressed in two tabs is one run; once that has ended, a press is another", async () => {
    const first = await run("g1", "make");
    await world.finish(first);
    await rerequest("g2", first.id);
    await rerequest("g3", first.id);
    const [second, ...others] = await world.runs();
    expect(others).toMatchObject([{ id: first.id }]);
    expect((await world.answers()).join()).toContain(`is repeated by run \`${second?.id}\``);
    if (second !== undefined) await world.finish(second);
    await rerequest("g4", first.id);
    expect(await world.runs()).toHaveLength(3);
  });

  it("asks GitHub whether the person may, and says nothing to one who may not", async () => {
    const first = await run("g1", "make");
    await world.finish(first);
    world.outside.role = "read";
    await rerequest("g2", first.id);
    expect(await world.runs()).toHaveLength(1);
    expect(await world.answers()).toEqual([]);
  });

  it("answers why it cannot", async () => {
    const first = await run("g1", "make");
    await rerequest("g2", first.id);
    expect((await world.answers()).join()).toContain("has not ended");
    await world.finish(first);
    world.outside.pullRequest = { ...world.outside.pullRequest, state: "closed" };
    await rerequest("g3", first.id);
    expect((await world.answers()).join()).toContain("closed");
    expect(await world.runs()).toHaveLength(1);
  });

  it.each([
    ["another App's check", { app: { id: 2 } }],
    ["an unknown run", { external_id: "run_000000000000" }],
    ["no id at all", { external_id: null }],
    ["a hostile id", { external_id: "run_' OR 1=1" }],
  ])("ignores %s", async (_title, change) => {
    const first = await run("g1", "make");
    await world.finish(first);
    const checkRun = { id: 4, external_id: first.id, head_sha: HEAD, app: { id: 1 }, ...change };
    await rerequest("g2", null, { check_run: checkRun });
    expect(await world.runs()).toHaveLength(1);
  });
});

describe("check_suite.rerequested", () => {
  it("repeats the newest run of each check, once for a GUID", async () => {
    for (const [id, command] of [
      ["g1", "a"],
      ["g2", "a"],
      ["g3", "b"],
    ] as const) {
      await world.finish(await run(id, command));
    }
    const unfinished = await run("g4", "c");
    const payload = {
      ...COMMON,
      action: "rerequested",
      check_suite: { id: 3, head_sha: HEAD, app: { id: 1 } },
    };
    await post("check_suite", "g5", payload);
    for (const made of await world.runs())
      if (made.state === "queued" && made.id !== unfinished.id) await world.finish(made);
    await post("check_suite", "g5", payload);
    const rerun = (await world.runs()).filter(({ source }) => source === "rerun");
    expect(rerun.map(({ command }) => command).sort()).toEqual(["a", "b"]);
    const again = (await world.runs()).find(({ sourceKey }) => sourceKey === "g2:0");
    expect(rerun.find(({ command }) => command === "a")?.retryOf).toBe(again?.id);
  });
});
