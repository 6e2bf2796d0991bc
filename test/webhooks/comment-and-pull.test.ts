import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import { HEAD, openWorld, REPOSITORY, type World } from "../commands/world.ts";
import { COMMON, commentPayload, createPost, pullPayload } from "./post.ts";

let world: World;
let post: ReturnType<typeof createPost>;
beforeEach(async () => {
  world = await openWorld();
  post = createPost(world.deps);
});
afterEach(() => world.close());

const comment = (id: string, body: string, change: object = {}) =>
  post("issue_comment", id, commentPayload(body, world.outside.now, change));
const iso = (ms: number) => new Date(ms).toISOString();

describe("issue_comment", () => {
  it("queues the run of a comment, once for a GUID", async () => {
    await comment("g1", "/crabbox run -- make");
    await comment("g1", "/crabbox run -- make");
    expect(await world.runs()).toMatchObject([{ sourceKey: "g1:0", accountId: 7, repositoryId: 77 }]);
  });

  it("takes the repository's names as they are now", async () => {
    const repository = { ...COMMON.repository, name: "store" };
    await comment("g1", "/crabbox run -- make", { repository });
    expect(await world.store.repositories.get(77)).toMatchObject({ name: "store" });
  });

  it.each([
    ["edited", { action: "edited" }],
    ["deleted", { action: "deleted" }],
    ["on an issue", { issue: { number: 5 } }],
    ["by nobody", { comment: { id: 1, body: "/crabbox run -- x", user: null, created_at: iso(0) } }],
    [
      "of an account that is not listed",
      { repository: { ...COMMON.repository, owner: { id: 8, login: "other", type: "User" } } },
    ],
  ])("ignores one %s", async (_title, change) => {
    await comment("g1", "/crabbox run -- make", change);
    expect(world.outside).toMatchObject({ calls: [], reactions: [] });
    expect(await world.runs()).toEqual([]);
  });

  it("ignores our own, whatever it says", async () => {
    const own = {
      id: 1,
      body: "/crabbox run -- x",
      user: { id: 2, login: "crabbox[bot]", type: "Bot" },
      created_at: iso(world.outside.now),
    };
    await comment("g1", "", { comment: { ...own, performed_via_github_app: { id: 1 } } });
    expect(world.outside).toMatchObject({ calls: [], reactions: [] });
  });

  it("keeps a payload of another shape as a failure that names the field", async () => {
    await expect(comment("g1", "/crabbox run -- make", { installation: undefined })).rejects.toThrow();
    await expect(
      comment("g2", "/crabbox help", { issue: { number: "5", pull_request: {} } }),
    ).rejects.toThrow(/issue\.number/u);
  });

  it("ignores an account whose installation is gone, until it is installed again", async () => {
    await world.store.accounts.mark(7, 70, "removed", world.outside.now);
    await comment("g1", "/crabbox run -- make");
    expect(await world.runs()).toEqual([]);
    await comment("g2", "/crabbox run -- make", { installation: { id: 71 } });
    expect(await world.runs()).toHaveLength(1);
    expect(await world.store.accounts.get(7)).toMatchObject({ installationId: 71, removedAt: null });
  });
});

describe("pull_request.closed", () => {
  it("cancels the runs and releases the leases of that pull request only", async () => {
    await comment("g1", "/crabbox run -- make");
    await comment("g2", "/crabbox run -- make", { issue: { number: 6, pull_request: {} } });
    const [run] = await world.runs();
    const mine = await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await world.lease(pullRequestHolder(REPOSITORY.id, 6));
    const closed = pullPayload("closed", { closed_at: iso(world.outside.now + 1_000) });
    await post("pull_request", "g3", closed);
    await post("pull_request", "g3", closed);
    expect(world.outside.released).toEqual([{ id: mine.id, reason: "pull_request_closed" }]);
    expect((await world.runs()).map(({ cancel }) => cancel?.outcome)).toEqual(["cancelled"]);
    expect(run?.pullRequest).toBe(5);
    const other = await world.store.runs.ofPullRequest(REPOSITORY.id, 6, 10);
    expect(other).toMatchObject([{ cancel: null }]);
  });

  it("leaves what was made after the pull request was opened again", async () => {
    await comment("g1", "/crabbox run -- make");
    await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await post(
      "pull_request",
      "g2",
      pullPayload("closed", { closed_at: iso(world.outside.now - 3_600_000) }),
    );
    expect(await world.runs()).toMatchObject([{ cancel: null }]);
    expect(world.outside.released).toEqual([]);
  });
});

describe("pull_request.synchronize", () => {
  const NEXT = "e".repeat(40);
  const push = (at: number, before = HEAD, after = NEXT) =>
    pullPayload("synchronize", { updated_at: iso(at) }, { before, after });

  it("cancels queued runs of older commits and leaves running ones", async () => {
    await comment("g1", "/crabbox run -- queued\n/crabbox run -- running");
    const running = (await world.runs()).find(({ command }) => command === "running");
    if (running === undefined) throw new Error("no run");
    await world.store.runs.change(running.id, "queued", "leasing");
    await post("pull_request", "g2", push(world.outside.now + 1_000));
    const outcomes = (await world.runs()).map(({ command, cancel }) => [command, cancel?.outcome]);
    expect(Object.fromEntries(outcomes)).toEqual({ queued: "superseded", running: undefined });
  });

  it("leaves runs of the new commit, though the delivery comes late", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, headSha: NEXT };
    await comment("g1", "/crabbox run -- make");
    await post("pull_request", "g2", push(world.outside.now - 60_000));
    await post("pull_request", "g3", push(world.outside.now - 90_000, "f".repeat(40), HEAD));
    expect(await world.runs()).toMatchObject([{ headSha: NEXT, cancel: null }]);
  });

  it("leaves an older commit that somebody asked for after the push", async () => {
    await comment("g1", "/crabbox run -- make");
    const [first] = await world.runs();
    if (first === undefined) throw new Error("no run");
    await world.finish(first);
    world.outside.now += 60_000;
    await comment("g2", "/crabbox retry");
    await post("pull_request", "g3", push(world.outside.now - 30_000));
    expect((await world.runs())[0]).toMatchObject({ retryOf: first.id, cancel: null });
  });
});

describe("pull_request.edited with another base", () => {
  const retarget = (ref: string, changes: object = { base: { ref: { from: "main" } } }) =>
    pullPayload("edited", { base: { ref } }, { changes });

  it("ends what waits of a fork's, because an approval names the branch", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, fork: true, headRepositoryId: 900 };
    await comment("g1", "/crabbox run --provider cell -- make");
    await post("pull_request", "g2", retarget("main"));
    expect(await world.runs()).toMatchObject([{ state: "held", cancel: null }]);
    await post("pull_request", "g3", retarget("old"));
    const [run] = await world.runs();
    expect(run?.cancel).toMatchObject({ outcome: "refused", reason: expect.stringContaining('"old"') });
  });

  it("leaves the repository's own branches alone", async () => {
    await comment("g1", "/crabbox run -- make");
    await post("pull_request", "g2", retarget("old"));
    expect(await world.runs()).toMatchObject([{ cancel: null }]);
  });
});
