import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { AppError } from "../../app/errors.ts";
import { HEAD, openWorld, type World } from "./world.ts";

const OTHER = "d".repeat(40);
const FORK = { fork: true, headRepositoryId: 900 } as const;
const DEPENDABOT = { author: { login: "dependabot[bot]" } } as const;
const RUN = "/crabbox run --provider cell -- make";

let world: World;
let count = 0;
beforeEach(async () => {
  world = await openWorld();
  change(FORK);
});
afterEach(() => world.close());

function change(facts: Partial<World["outside"]["pullRequest"]>): void {
  world.outside.pullRequest = { ...world.outside.pullRequest, ...facts };
}

/** Each comment is a delivery of its own, a second after the last. Answers whether it was carried out. */
async function say(body: string, sender?: { id: number; login: string; type: string; viaAppId: number }) {
  world.outside.now += 1_000;
  const delivery = { guid: `say-${count++}`, ...(sender === undefined ? {} : { sender }) };
  const result = await dispatch(world.deps, world.comment(body, delivery));
  return result.kind === "answered" && result.ok;
}

async function states(): Promise<readonly string[]> {
  return (await world.runs()).map(({ state }) => state).reverse();
}

const lastAnswer = async () => (await world.answers()).at(-1) ?? "";

describe("a command on code that no writer wrote", () => {
  it.each([
    ["a fork", FORK, "77:fork:5"],
    ["Dependabot", { fork: false, headRepositoryId: 77, ...DEPENDABOT }, "77:fork:5"],
    ["a branch of Dependabot's", { fork: false, headRepositoryId: 77, headRef: "Dependabot/x" }, "77:fork:5"],
  ])("from %s is held, in a trust domain of its own", async (_name, facts, trustDomain) => {
    change(facts);
    expect(await say(RUN)).toBe(true);
    expect(await world.runs()).toMatchObject([{ state: "held", trustDomain, headSha: HEAD }]);
  });

  it("is refused where nothing keeps it apart, with the provider that would", async () => {
    expect(await say("/crabbox run -- make")).toBe(false);
    expect(await world.runs()).toEqual([]);
    expect(await lastAnswer()).toMatch(/comes from a fork.*isolation is "user".*--provider cell/su);
  });

  it("is refused against a branch that is not allowed, and not where the settings allow it", async () => {
    change({ baseRef: "old" });
    expect(await say(RUN)).toBe(false);
    expect(await lastAnswer()).toContain('"old" is not one');
    world.outside.forks = { policy: "approve", bases: ["old"] };
    expect(await say(RUN)).toBe(true);
  });

  it("is answered without markup of a branch's name", async () => {
    change({ baseRef: "<b>@octo/all</b>`x`#1" });
    expect(await say(RUN)).toBe(false);
    for (const part of ["<b>", "@octo", "#1 "]) expect(await lastAnswer()).not.toContain(part);
  });

  it("is refused by the policy `never`", async () => {
    world.outside.forks = { policy: "never", bases: [] };
    expect(await say(RUN)).toBe(false);
    expect(await lastAnswer()).toContain("does not run here");
    expect(await say(`/crabbox approve ${HEAD}`)).toBe(false);
  });

  it("says with --noop that it would be held", async () => {
    await say("/crabbox run --noop --provider cell -- make");
    expect(await lastAnswer()).toContain("once a writer has approved this commit");
  });
});

describe("an approval", () => {
  it("lets every held run of that commit start, and those asked for later", async () => {
    await say(`${RUN} a\n${RUN} b`);
    expect(await states()).toEqual(["held", "held"]);
    expect(await say(`/crabbox approve ${HEAD}`)).toBe(true);
    expect(await lastAnswer()).toContain("2 runs start");
    expect(world.outside.releasedRuns).toHaveLength(2);
    await say(`${RUN} c`);
    expect(await states()).toEqual(["queued", "queued", "queued"]);
    const [event] = await world.store.events.of("pull_request", "77#5", 10);
    expect(event).toMatchObject({ type: "approved", data: { sha: HEAD, actor: "mona", actorId: 33 } });
  });

  it("told twice is one", async () => {
    await say(RUN);
    const delivery = world.comment(`/crabbox approve ${HEAD}`, { guid: "twice" });
    await dispatch(world.deps, delivery);
    await dispatch(world.deps, delivery);
    expect(await world.store.events.of("pull_request", "77#5", 10)).toHaveLength(1);
    expect(await states()).toEqual(["queued"]);
  });

  it.each([
    ["a short id", HEAD.slice(0, 12), {}, "only a part"],
    ["no id", "", {}, "missing"],
    ["a word", "HEAD", {}, "not a commit's id"],
    ["a 64-digit id", "a".repeat(64), {}, "not a commit's id"],
    ["another pull request's commit", OTHER, {}, "not the head"],
    ["an older commit of this one", HEAD, { headSha: OTHER }, "not the head"],
    ["a closed pull request", HEAD, { state: "closed" as const }, "closed"],
    ["a deleted fork", HEAD, { headRepositoryId: null }, "gone"],
    ["an archived repository", HEAD, { repository: { private: false, archived: true } }, "archived"],
    ["another base", HEAD, { baseRef: "old" }, '"old" is not one'],
    ["a branch of the repository itself", HEAD, { fork: false, headRepositoryId: 77 }, "need no approval"],
  ])("of %s is refused, and nothing starts", async (_name, sha, facts, word) => {
    await say(RUN);
    change(facts);
    expect(await say(`/crabbox approve ${sha}`)).toBe(false);
    expect(await lastAnswer()).toContain(word);
    expect(await states()).toEqual(["held"]);
  });

  it.each([
    ["push", { headSha: OTHER }, OTHER],
    ["another fork", { headRepositoryId: 901 }, HEAD],
  ])("is not for what came after a %s", async (_name, facts, sha) => {
    await say(`/crabbox approve ${HEAD}`);
    change(facts);
    await say(RUN);
    expect(await states()).toEqual(["held"]);
    await say(`/crabbox approve ${sha}`);
    expect(await states()).toEqual(["queued"]);
  });

  it("counts only from a person", async () => {
    await say(RUN);
    expect(await say(`/crabbox approve ${HEAD}`, { id: 8, login: "h[bot]", type: "Bot", viaAppId: 3 })).toBe(
      false,
    );
    expect(await lastAnswer()).toContain("a bot's does not count");
    expect(await states()).toEqual(["held"]);
  });

  it("counts with `approve_team` only from a member, by GitHub's word", async () => {
    await say(RUN);
    world.outside.forks = { policy: "approve_team", team: "octo/readers", bases: [] };
    expect(await say(`/crabbox approve ${HEAD}`)).toBe(false);
    expect(await lastAnswer()).toContain("Only members of the team octo/readers");
    world.outside.inTeam = () => {
      throw new AppError("not_allowed", "denied", "accept");
    };
    expect(await say(`/crabbox approve ${HEAD}`)).toBe(false);
    expect(await lastAnswer()).toContain("does not let the App see who is one");
    expect(await states()).toEqual(["held"]);
    world.outside.inTeam = () => true;
    expect(await say(`/crabbox approve ${HEAD}`)).toBe(true);
    expect(await states()).toEqual(["queued"]);
  });

  it("lets a retry of its commit start at once; an older commit is not retried", async () => {
    await say(`/crabbox approve ${HEAD}`);
    await say(RUN);
    const [first] = await world.runs();
    if (first === undefined) throw new Error("no run");
    await world.finish(first);
    expect(await say("/crabbox retry")).toBe(true);
    expect((await world.runs())[0]).toMatchObject({ retryOf: first.id, state: "queued" });
    change({ headSha: OTHER });
    expect(await say(`/crabbox retry ${first.id}`)).toBe(false);
    expect(await lastAnswer()).toContain("older state");
  });

  it("is named by who retries a held run", async () => {
    await say(RUN);
    const [held] = await world.runs();
    expect(await say(`/crabbox retry ${held?.id ?? ""}`)).toBe(false);
    expect(await lastAnswer()).toContain(`/crabbox approve ${HEAD}`);
  });
});
