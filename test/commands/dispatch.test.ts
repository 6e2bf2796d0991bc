import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { AppError } from "../../app/errors.ts";
import { BASE_TIP, HEAD, openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe("who may", () => {
  it("does nothing at all for a comment without a command", async () => {
    expect(await dispatch(world.deps, world.comment("Nice work"))).toEqual({ kind: "no_command" });
    expect(world.outside).toMatchObject({ calls: [], reactions: [], refreshed: [] });
  });

  it.each(["read", "triage", "none"] as const)("gives %s a confused reaction and no more", async (role) => {
    world.outside.role = role;
    const result = await dispatch(world.deps, world.comment("/crabbox run -- make\n/crabbox help"));
    expect(result).toEqual({ kind: "not_allowed", why: "role" });
    expect(world.outside.reactions).toEqual(["900 confused"]);
    expect(await world.runs()).toEqual([]);
    expect(await world.answers()).toEqual([]);
  });

  it.each(["write", "maintain", "admin"] as const)("lets %s run", async (role) => {
    world.outside.role = role;
    expect(await dispatch(world.deps, world.comment("/crabbox run -- make"))).toMatchObject({ ok: true });
    expect(await world.runs()).toHaveLength(1);
  });

  it("never answers its own text, and asks nothing of GitHub for it", async () => {
    const sender = { id: 9, login: "crabbox[bot]", type: "Bot", viaAppId: 1 };
    const result = await dispatch(world.deps, world.comment("/crabbox run -- make", { sender }));
    expect(result).toEqual({ kind: "not_allowed", why: "own" });
    expect(world.outside).toMatchObject({ calls: [], reactions: [] });
  });

  it("lets only listed bots in", async () => {
    const other = { id: 9, login: "other[bot]", type: "Bot", viaAppId: 2 };
    const refused = await dispatch(world.deps, world.comment("/crabbox run -- make", { sender: other }));
    expect(refused).toEqual({ kind: "not_allowed", why: "bot" });
    expect(await world.runs()).toEqual([]);
    const helper = { id: 8, login: "helper[bot]", type: "Bot", viaAppId: 3 };
    const allowed = await dispatch(world.deps, world.comment("/crabbox run -- make", { sender: helper }));
    expect(allowed).toMatchObject({ kind: "answered", ok: true });
    expect((await world.runs())[0]?.options).toMatchObject({ actorCapMicroUsd: 5_000_000 });
  });

  it("guesses nothing when GitHub cannot be asked", async () => {
    const down = new AppError("github_failed", "down", "wait");
    const deps = { ...world.deps, role: () => Promise.reject(down) };
    await expect(dispatch(deps, world.comment("/crabbox run -- make"))).rejects.toBe(down);
    expect(await world.runs()).toEqual([]);
  });
});

describe("a run", () => {
  it("is queued with the commit pinned, after one round of calls", async () => {
    const result = await dispatch(world.deps, world.comment("/crabbox run --class large -- make test"));
    expect(result).toEqual({ kind: "answered", ok: true, commands: 1 });
    expect([...world.outside.calls].sort()).toEqual(["pull 5", "role mona", "tip main"]);
    expect(await world.runs()).toMatchObject([
      {
        state: "queued",
        source: "comment",
        sourceKey: "guid-1:0",
        headSha: HEAD,
        checkoutSha: HEAD,
        baseSha: BASE_TIP,
        baseRef: "main",
        actor: "mona",
        actorId: 33,
        commentId: 900,
        command: "make test",
        commandKind: "line",
        checkName: "crabbox / run: make test (large)",
        trustDomain: "77:trusted",
        retryOf: null,
        options: { class: "large" },
      },
    ]);
    expect(world.outside.reactions).toEqual(["900 eyes", "900 rocket"]);
    expect(world.outside.refreshed).toEqual(["77#5"]);
    expect(await world.answers()).toEqual([]);
  });

  it("asks for another base branch's tip in a second call", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, baseRef: "release" };
    await dispatch(world.deps, world.comment("/crabbox run -- make"));
    expect(world.outside.calls.at(-1)).toBe("tip release");
  });

  it("is made once for a delivery that comes twice, and its answers too", async () => {
    const delivery = world.comment("/crabbox run -- a\n/crabbox run -- b\n/crabbox rnu\n/crabbox help");
    await dispatch(world.deps, delivery);
    await dispatch(world.deps, delivery);
    expect((await world.runs()).map(({ command }) => command).sort()).toEqual(["a", "b"]);
    expect(await world.answers()).toHaveLength(2);
    await dispatch(world.deps, { ...delivery, guid: "guid-2" });
    expect(await world.runs()).toHaveLength(4);
  });

  it("does not depend on reactions", async () => {
    world.outside.failReactions = true;
    expect(await dispatch(world.deps, world.comment("/crabbox run -- make"))).toMatchObject({ ok: true });
    expect(await world.runs()).toHaveLength(1);
  });

  it("is queued without waiting for any write to GitHub", async () => {
    const deps = {
      ...world.deps,
      react: () => new Promise<never>(() => {}),
      refreshSticky: async () => {
        expect(await world.runs()).toHaveLength(1);
      },
    };
    expect(await dispatch(deps, world.comment("/crabbox run -- make"))).toMatchObject({ ok: true });
  });

  it.each([
    ["its whole time when nothing comes", Number.POSITIVE_INFINITY, 500],
    ["no longer when a delivery waits behind it", 3, 75],
    ["not at all when one did from the start", 0, 0],
  ])("lets its way to the box go before reactions: %s", async (_title, looks, expectedMs) => {
    let left = looks;
    let sleptMs = 0;
    const sleep = (ms: number) => {
      sleptMs += ms;
      // At once, but for the longer wait for a reaction that does not come.
      return ms < 1_000 ? Promise.resolve() : new Promise<never>(() => {});
    };
    const deps = { ...world.deps, isQuiet: () => left-- > 0, clock: { ...world.deps.clock, sleep } };
    expect(await dispatch(deps, world.comment("/crabbox run -- make"))).toMatchObject({ ok: true });
    expect(sleptMs).toBe(expectedMs + 1_000);
    expect(world.outside.reactions).toEqual(["900 eyes", "900 rocket"]);
  });

  it("comes again when the App stops before its last reaction", async () => {
    const draining = new AppError("draining", "stopping", "wait");
    const deps = { ...world.deps, react: () => Promise.reject(draining) };
    await expect(dispatch(deps, world.comment("/crabbox run -- make"))).rejects.toBe(draining);
  });
});

describe("an answer instead of a run", () => {
  it.each([
    ["a closed pull request", { state: "closed" as const }, "closed"],
    ["a fork that is gone", { fork: true, headRepositoryId: null }, "gone"],
    ["a fork, without isolation", { fork: true, headRepositoryId: 78 }, "fork"],
    ["Dependabot, without isolation", { author: { login: "dependabot[bot]" } }, "Dependabot"],
  ])("for %s", async (_title, change, word) => {
    world.outside.pullRequest = { ...world.outside.pullRequest, ...change };
    expect(await dispatch(world.deps, world.comment("/crabbox run -- make"))).toMatchObject({ ok: false });
    expect(await world.runs()).toEqual([]);
    expect((await world.answers()).join()).toContain(word);
    expect(world.outside.reactions).toEqual(["900 eyes", "900 confused"]);
  });

  it("for a command that is too old", async () => {
    const delivery = world.comment("/crabbox run -- make");
    world.outside.now += 16 * 60_000;
    expect(await dispatch(world.deps, delivery)).toMatchObject({ ok: false });
    expect(await world.runs()).toEqual([]);
    expect((await world.answers()).join()).toContain("more than 15m old");
  });

  it("for the commands beyond the bound", async () => {
    expect(await dispatch(world.deps, world.comment("/crabbox run -- x\n".repeat(200)))).toMatchObject({
      ok: false,
      commands: 10,
    });
    expect(await world.runs()).toHaveLength(10);
    expect((await world.answers()).join()).toContain("190 more were left out");
  });

  it("for a class that is not offered, with what is", async () => {
    await dispatch(world.deps, world.comment("/crabbox run --class beast -- make"));
    expect(await world.runs()).toEqual([]);
    expect((await world.answers()).join()).toContain("`standard`, `fast`, `large`");
  });

  it("beside the runs of the other commands, each under its number", async () => {
    await dispatch(world.deps, world.comment("/crabbox run -- make\n/crabbox runn -- x"));
    expect(await world.runs()).toHaveLength(1);
    expect((await world.answers()).join()).toMatch(/^\*\*Command 2\*\*\n\nThere is no command `runn`/u);
  });

  it("for --noop, without a run", async () => {
    await dispatch(world.deps, world.comment("/crabbox run --noop --ttl 2h -- make `all`"));
    expect(await world.runs()).toEqual([]);
    const [answer] = await world.answers();
    for (const part of [HEAD, "make `all`", "dir-standard", "$0.24", "2026", "write access", "hydrate"]) {
      expect(answer).toContain(part);
    }
  });
});
