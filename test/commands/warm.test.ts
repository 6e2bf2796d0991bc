import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { createIds } from "../../app/ids.ts";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import type { Lease } from "../../app/store/rows.ts";
import { openWorld, REPOSITORY, type World } from "./world.ts";
import { activate } from "./world-leases.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What the world's provider takes for an hour. */
const HOUR_MICRO_USD = 120_000;
const MINE = pullRequestHolder(REPOSITORY.id, 5);

let world: World;
let count = 0;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

async function say(body: string, guid = `say-${count++}`) {
  world.outside.now += 1_000;
  const result = await dispatch(world.deps, world.comment(body, { guid }));
  return result.kind === "answered" && result.ok;
}

const lastAnswer = async () => (await world.answers()).at(-1) ?? "";
const live = () => world.store.leases.live({ holder: MINE });
const only = async (): Promise<Lease> => {
  const [lease] = await live();
  if (lease === undefined) throw new Error("no lease");
  return lease;
};
const reserved = async () => (await world.store.ledger.spent(7, 0)).reservedMicroUsd;

describe("warmup", () => {
  it("told twice makes one lease, of the pull request's trust domain, its worst case reserved", async () => {
    expect(await say("/crabbox warmup --class fast --ttl 2h --idle 20m", "twice")).toBe(true);
    const lease = await only();
    expect(lease).toMatchObject({
      state: "requested",
      purpose: "warmup",
      class: "fast",
      trustDomain: `${REPOSITORY.id}:trusted`,
      idleMs: 20 * MINUTE,
    });
    await activate(world.store, lease);
    expect(await say("/crabbox warmup --class fast --ttl 2h --idle 20m", "twice")).toBe(true);
    expect(await live()).toHaveLength(1);
    expect(await reserved()).toBe(2 * HOUR_MICRO_USD);
    expect(await world.runs()).toEqual([]);
  });

  it("says which box is there, also while it is being made; another class is another box", async () => {
    await say("/crabbox warmup");
    const { slug } = await only();
    expect(await say("/crabbox warmup")).toBe(true);
    expect(await lastAnswer()).toContain(`\`${slug}\``);
    expect(await lastAnswer()).toContain("is being made already");
    await activate(world.store, await only());
    await say("/crabbox warmup");
    expect(await lastAnswer()).toContain("is already warm");
    await say("/crabbox warmup --class large");
    expect(await live()).toHaveLength(2);
  });

  it("over a cap, or with no place left, makes nothing and says the numbers", async () => {
    world.outside.leases.capMicroUsd = HOUR_MICRO_USD;
    expect(await say("/crabbox warmup --ttl 2h")).toBe(false);
    expect(await lastAnswer()).toContain(
      "$0.00 spent, $0.00 reserved, cap $0.1200; this box could cost up to $0.2400",
    );
    world.outside.leases.capMicroUsd = null;
    world.outside.leases.maxLeases = 0;
    expect(await say("/crabbox warmup")).toBe(false);
    expect(await lastAnswer()).toContain("0 of 0 boxes");
    expect(await live()).toEqual([]);
    expect(await reserved()).toBe(0);
  });

  it("refuses what cannot be warm, and a pull request that is closed", async () => {
    for (const words of ["--idle 0s", "now", "--class huge", "--timeout 5m", "--provider moon"])
      expect(await say(`/crabbox warmup ${words}`)).toBe(false);
    world.outside.pullRequest = { ...world.outside.pullRequest, state: "closed" };
    expect(await say("/crabbox warmup")).toBe(false);
    expect(await lastAnswer()).toContain("closed");
    expect(await live()).toEqual([]);
  });
});

describe("extend", () => {
  it("reserves first, tells the box, and adds nothing when told twice", async () => {
    const lease = await activate(world.store, await world.lease(MINE));
    expect(await say("/crabbox extend 1h", "twice")).toBe(true);
    expect(await say("/crabbox extend 1h", "twice")).toBe(true);
    const later = lease.expiresAt + HOUR;
    expect(await only()).toMatchObject({ expiresAt: later, idleMs: lease.idleMs });
    expect(new Set(world.outside.leases.told)).toEqual(new Set([`ref-${lease.id} ${later}`]));
    expect(await reserved()).toBe(HOUR_MICRO_USD);
    expect(await lastAnswer()).toContain("can cost $0.1200 at most in all");
  });

  it("over a cap leaves everything as it is", async () => {
    const lease = await activate(world.store, await world.lease(MINE));
    world.outside.leases.capMicroUsd = HOUR_MICRO_USD - 1;
    expect(await say("/crabbox extend 1h")).toBe(false);
    expect(await lastAnswer()).toContain("this extension could cost up to $0.1200");
    expect(await only()).toEqual(lease);
    expect(world.outside.leases.told).toEqual([]);
  });

  it("asks which of several, and waits for one that is being made", async () => {
    await world.lease(MINE);
    expect(await say("/crabbox extend 1h")).toBe(false);
    expect(await lastAnswer()).toContain("still being made");
    const other = await activate(world.store, await world.lease(MINE));
    expect(await say("/crabbox extend 1h")).toBe(false);
    expect(await lastAnswer()).toContain("Which box is meant?");
    expect(await say(`/crabbox extend ${other.id} 1h`)).toBe(true);
  });
});

describe("keep", () => {
  it("of a box at work begins when its run has ended", async () => {
    await say("/crabbox run -- make");
    const [run] = await world.runs();
    if (run === undefined) throw new Error("no run");
    const lease = await activate(world.store, await world.lease(MINE));
    const attempt = createIds().attempt();
    await world.store.attempts.create({ id: attempt, runId: run.id, n: 1, leaseId: lease.id });
    await world.store.leases.setHolder(lease.id, { kind: "run", key: run.id });
    expect(await say("/crabbox keep 45m")).toBe(true);
    expect(await lastAnswer()).toContain("once the run on it has ended");
    expect(await world.store.leases.get(lease.id)).toMatchObject({ idleMs: 45 * MINUTE, idleSince: null });
  });

  it("extends a life that would end before, once for all who ask within a minute; never shortens", async () => {
    const lease = await activate(world.store, await world.lease(MINE));
    world.outside.now = lease.expiresAt - 10 * MINUTE;
    expect(await say("/crabbox keep 40m")).toBe(true);
    const kept = await only();
    expect(kept.expiresAt).toBe(world.outside.now + 40 * MINUTE);
    expect(await say("/crabbox keep 40m")).toBe(true);
    expect((await only()).expiresAt).toBe(kept.expiresAt);
    expect(await say("/crabbox keep 1m")).toBe(true);
    expect(await only()).toMatchObject({ idleMs: 40 * MINUTE, expiresAt: kept.expiresAt });
    expect(await say("/crabbox keep 10h")).toBe(true);
    expect(await lastAnswer()).toContain("More than `1h` this server does not allow");
  });

  it("over a cap keeps nothing", async () => {
    const lease = await activate(world.store, await world.lease(MINE));
    world.outside.now = lease.expiresAt - MINUTE;
    world.outside.leases.capMicroUsd = 1;
    const before = await only();
    expect(await say("/crabbox keep")).toBe(false);
    expect(await lastAnswer()).toContain("keeping this box could cost up to");
    expect(await only()).toEqual(before);
  });
});
