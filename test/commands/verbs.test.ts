import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import type { Run } from "../../app/store/rows.ts";
import { HEAD, openWorld, REPOSITORY, type World } from "./world.ts";

let world: World;
let count = 0;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Each comment is a delivery of its own, a second after the last. */
async function say(body: string, pullRequest = 5) {
  world.outside.now += 1_000;
  const guid = `say-${count++}`;
  const result = await dispatch(world.deps, world.comment(body, { guid, pullRequest }));
  return result.kind === "answered" && result.ok;
}

async function newest(): Promise<Run> {
  const [run] = await world.runs();
  if (run === undefined) throw new Error("no run");
  return run;
}

async function lastAnswer(): Promise<string> {
  return (await world.answers()).at(-1) ?? "";
}

describe("retry", () => {
  it("of steps from the head has them again, in their own trust domain and under their own check", async () => {
    await say("/crabbox run --steps head -- make a");
    const first = await newest();
    expect(first).toMatchObject({
      options: { stepsFrom: "head" },
      trustDomain: `${REPOSITORY.id}:trusted:head`,
      checkName: "crabbox / run: make a (steps from head)",
    });
    await world.finish(first);
    expect(await say("/crabbox retry")).toBe(true);
    expect(await newest()).toMatchObject({
      options: first.options,
      trustDomain: first.trustDomain,
      retryOf: first.id,
    });
    await say("/crabbox run -- make a");
    expect(await newest()).toMatchObject({ trustDomain: `${REPOSITORY.id}:trusted` });
    expect((await newest()).options).not.toHaveProperty("stepsFrom");
  });

  it("repeats command, commit and options of the newest finished run", async () => {
    await say("/crabbox run --class fast --timeout 5m -- make a");
    const first = await newest();
    await world.finish(first);
    await say("/crabbox run -- make b");
    world.outside.pullRequest = { ...world.outside.pullRequest, headSha: "d".repeat(40) };
    expect(await say("/crabbox retry")).toBe(true);
    expect(await newest()).toMatchObject({
      command: "make a",
      headSha: HEAD,
      checkoutSha: HEAD,
      baseSha: first.baseSha,
      checkName: first.checkName,
      options: first.options,
      retryOf: first.id,
      state: "queued",
    });
  });

  it("repeats the named run, once for the same delivery", async () => {
    await say("/crabbox run -- make");
    const first = await newest();
    await world.finish(first);
    const delivery = world.comment(`/crabbox retry ${first.id}`, { guid: "twice" });
    await dispatch(world.deps, delivery);
    await world.finish(await newest());
    await dispatch(world.deps, delivery);
    expect(await world.runs()).toHaveLength(2);
  });

  it("says why it cannot", async () => {
    expect(await say("/crabbox retry")).toBe(false);
    expect(await lastAnswer()).toContain("nothing to repeat");
    await say("/crabbox run -- make");
    const run = await newest();
    expect(await say(`/crabbox retry ${run.id}`)).toBe(false);
    expect(await lastAnswer()).toContain("has not ended");
    expect(await say("/crabbox retry run_000000000000")).toBe(false);
    expect(await lastAnswer()).toContain("has no run `run_000000000000`");
  });

  it("knows nothing of another pull request's runs", async () => {
    await say("/crabbox run -- make");
    const run = await newest();
    await world.finish(run);
    const guid = "elsewhere";
    await dispatch(
      world.deps,
      world.comment(`/crabbox retry ${run.id}`, { guid, repository: { ...REPOSITORY, id: 78 } }),
    );
    expect(await world.runs()).toHaveLength(1);
  });
});

describe("cancel", () => {
  it("told again after a crash, knows its own work and touches nothing newer", async () => {
    await say("/crabbox run -- make old");
    const old = await newest();
    for (const words of ["/crabbox cancel", `/crabbox cancel ${old.id}`]) {
      const delivery = world.comment(words, { guid: words });
      await dispatch(world.deps, delivery);
      world.outside.now += 1_000;
    }
    await world.finish(old);
    await say("/crabbox run -- make new");
    const again = world.comment("/crabbox cancel", { guid: "/crabbox cancel" });
    expect(await dispatch(world.deps, again)).toMatchObject({ kind: "answered", ok: true });
    expect((await newest()).cancel).toBeNull();
    expect((await world.store.runs.get(old.id))?.cancel).toMatchObject({ cause: "/crabbox cancel:0" });
  });

  it("asks all unfinished runs of the pull request to end", async () => {
    await say("/crabbox run -- a\n/crabbox run -- b");
    expect(await say("/crabbox cancel")).toBe(true);
    expect(await lastAnswer()).toContain("Cancelled 2 runs");
    for (const run of await world.runs()) {
      expect(run.cancel).toMatchObject({ outcome: "cancelled", by: "mona" });
    }
  });

  it("asks only the named one", async () => {
    await say("/crabbox run -- a\n/crabbox run -- b");
    const run = await newest();
    expect(await say(`/crabbox cancel ${run.id}`)).toBe(true);
    expect((await world.runs()).map(({ cancel }) => cancel === null)).toEqual([false, true]);
  });

  it("says when there is nothing to end", async () => {
    expect(await say("/crabbox cancel")).toBe(false);
    expect(await lastAnswer()).toContain("nothing was cancelled");
    await say("/crabbox run -- a");
    const run = await newest();
    await world.finish(run);
    expect(await say(`/crabbox cancel ${run.id}`)).toBe(false);
    expect(await lastAnswer()).toContain("already ended");
  });
});

describe("stop", () => {
  it("ends the pull request's leases and the runs on them, and no others", async () => {
    await say("/crabbox run -- a");
    const run = await newest();
    const held = await world.lease({ kind: "run", key: run.id });
    const warm = await world.lease(pullRequestHolder(REPOSITORY.id, 5));
    await world.lease(pullRequestHolder(REPOSITORY.id, 6));
    expect(await say("/crabbox stop")).toBe(true);
    expect(world.outside.released.map(({ id }) => id).sort()).toEqual([held.id, warm.id].sort());
    expect((await world.store.runs.get(run.id))?.cancel).toMatchObject({ outcome: "cancelled" });
    expect(await lastAnswer()).toContain(warm.slug);
  });

  it("ends a lease of the repository by its id or its name", async () => {
    const byId = await world.lease(pullRequestHolder(REPOSITORY.id, 6));
    expect(await say(`/crabbox stop ${byId.id}`)).toBe(true);
    const byName = await world.lease(pullRequestHolder(REPOSITORY.id, 6));
    expect(await say(`/crabbox stop ${byName.slug.toUpperCase()}`)).toBe(true);
    expect(world.outside.released.map(({ id }) => id)).toEqual([byId.id, byName.id]);
  });

  it("says when there is nothing to stop", async () => {
    expect(await say("/crabbox stop")).toBe(false);
    expect(await say("/crabbox stop brave-nothing")).toBe(false);
    expect(await lastAnswer()).toContain("no live box `brave-nothing`");
  });
});

describe("status", () => {
  it("shows runs with their place in the queue, and boxes", async () => {
    await say("/crabbox run -- a | b </details> `c` @all");
    const run = await newest();
    const lease = await world.lease({ kind: "run", key: run.id });
    expect(await say("/crabbox status")).toBe(true);
    const answer = await lastAnswer();
    for (const part of [run.id, "queued, number 1", lease.slug, HEAD.slice(0, 10)])
      expect(answer).toContain(part);
    for (const part of ["</details>", "@all", "a | b"]) expect(answer).not.toContain(part);
  });

  it("works on a closed pull request, as cancel and stop do", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, state: "closed" };
    expect(await say("/crabbox status")).toBe(true);
    expect(await lastAnswer()).toContain("No runs yet");
  });
});
