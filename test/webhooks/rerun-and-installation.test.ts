import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import type { Run } from "../../app/store/rows.ts";
import { makeLease } from "../commands/world-leases.ts";
import { HEAD, openWorld, REPOSITORY, type World } from "../commands/world.ts";
import { COMMON, commentPayload, createPost, installationPayload } from "./post.ts";

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

describe("installation", () => {
  it("is remembered when it is made, for listed accounts only", async () => {
    await post(
      "installation",
      "g1",
      installationPayload("created", {
        installation: { id: 72, account: { id: 9, login: "other", type: "User" } },
      }),
    );
    expect(await world.store.accounts.get(9)).toBeNull();
    await post(
      "installation",
      "g2",
      installationPayload("created", {
        installation: { id: 73, account: { id: 7, login: "octo", type: "Organization" } },
      }),
    );
    expect(await world.store.accounts.get(7)).toMatchObject({ installationId: 73, removedAt: null });
  });

  it.each(["deleted", "suspend"])("%s cancels and releases everything of the account", async (action) => {
    await run("g1", "make");
    const mine = await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await world.store.accounts.upsert({ id: 8, login: "other", type: "User", installationId: 80 });
    await world.store.repositories.upsert({ ...REPOSITORY, id: 88, accountId: 8 });
    await makeLease(world.store, pullRequestHolder(88, 1), world.outside.now, {
      accountId: 8,
      repositoryId: 88,
    });
    await post("installation", "g2", installationPayload(action));
    await post("installation", "g2", installationPayload(action));
    expect(world.outside.released).toEqual([{ id: mine.id, reason: "installation_removed" }]);
    expect(await world.runs()).toMatchObject([{ cancel: { outcome: "cancelled" } }]);
    const account = await world.store.accounts.get(7);
    expect(action === "deleted" ? account?.removedAt : account?.suspendedAt).toBe(world.outside.now);
  });

  it("works again after unsuspend, and an older end changes nothing of a newer installation", async () => {
    await post("installation", "g1", installationPayload("suspend"));
    await post("installation", "g2", installationPayload("unsuspend"));
    expect(await world.store.accounts.get(7)).toMatchObject({ suspendedAt: null });
    await run("g3", "make");
    const older = { id: 69, account: { id: 7, login: "octo", type: "Organization" } };
    await post("installation", "g4", installationPayload("deleted", { installation: older }));
    expect(await world.runs()).toMatchObject([{ cancel: null }]);
    expect(await world.store.accounts.get(7)).toMatchObject({ removedAt: null });
  });

  it("gives single repositories back", async () => {
    await run("g1", "make");
    const lease = await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await post(
      "installation_repositories",
      "g2",
      installationPayload("removed", { repositories_removed: [{ id: 77 }, { id: 999 }] }),
    );
    expect(world.outside.released).toEqual([{ id: lease.id, reason: "installation_removed" }]);
    expect(await world.runs()).toMatchObject([{ cancel: { outcome: "cancelled" } }]);
  });
});
