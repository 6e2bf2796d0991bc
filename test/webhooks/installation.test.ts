import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import { makeLease } from "../commands/world-leases.ts";
import { openWorld, REPOSITORY, type World } from "../commands/world.ts";
import { commentPayload, createPost, installationPayload } from "./post.ts";

let world: World;
let post: ReturnType<typeof createPost>;
beforeEach(async () => {
  world = await openWorld();
  post = createPost(world.deps);
});
afterEach(() => world.close());

async function run(id: string): Promise<void> {
  world.outside.now += 1_000;
  await post("issue_comment", id, commentPayload("/crabbox run -- make", world.outside.now));
  world.outside.now += 1_000;
}

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

  it.each([
    ["deleted", "removed"],
    ["suspend", "suspended"],
  ] as const)("%s cancels and releases everything of the account", async (action, state) => {
    await run("g1");
    const mine = await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await world.store.accounts.upsert({ id: 8, login: "other", type: "User", installationId: 80 });
    await world.store.repositories.upsert({ ...REPOSITORY, id: 88, accountId: 8 });
    await makeLease(world.store, pullRequestHolder(88, 1), world.outside.now, {
      accountId: 8,
      repositoryId: 88,
    });
    world.outside.installation = state;
    await post("installation", "g2", installationPayload(action));
    await post("installation", "g2", installationPayload(action));
    expect(world.outside.released).toEqual([{ id: mine.id, reason: "installation_removed" }]);
    expect(await world.runs()).toMatchObject([{ cancel: { outcome: "cancelled" } }]);
    const account = await world.store.accounts.get(7);
    expect(action === "deleted" ? account?.removedAt : account?.suspendedAt).toBe(world.outside.now);
  });

  it("works again after unsuspend, and an older end changes nothing of a newer installation", async () => {
    world.outside.installation = "suspended";
    await post("installation", "g1", installationPayload("suspend"));
    world.outside.installation = "active";
    await post("installation", "g2", installationPayload("unsuspend"));
    expect(await world.store.accounts.get(7)).toMatchObject({ suspendedAt: null });
    await run("g3");
    const older = { id: 69, account: { id: 7, login: "octo", type: "Organization" } };
    world.outside.installation = "removed";
    await post("installation", "g4", installationPayload("deleted", { installation: older }));
    expect(await world.runs()).toMatchObject([{ cancel: null }]);
    expect(await world.store.accounts.get(7)).toMatchObject({ removedAt: null });
  });

  it.each([
    ["suspend", "active"],
    ["unsuspend", "suspended"],
    ["created", "removed"],
  ] as const)("a late `%s` changes nothing: GitHub says that it is %s now", async (action, state) => {
    await run("g1");
    if (state !== "active") {
      world.outside.installation = state;
      await post("installation", "g2", installationPayload(state === "suspended" ? "suspend" : "deleted"));
    }
    const before = await world.store.accounts.get(7);
    world.outside.installation = state;
    await post("installation", "g3", installationPayload(action));
    expect(await world.store.accounts.get(7)).toEqual(before);
    expect((await world.runs())[0]?.cancel === null).toBe(state === "active");
  });

  it("that was deleted stays so, whatever GitHub still shows", async () => {
    await run("g1");
    await post("installation", "g2", installationPayload("deleted"));
    expect(await world.store.accounts.get(7)).toMatchObject({ removedAt: world.outside.now });
    expect(await world.runs()).toMatchObject([{ cancel: { outcome: "cancelled" } }]);
  });

  it("gives single repositories back", async () => {
    await run("g1");
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
