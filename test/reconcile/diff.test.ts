import { describe, expect, it } from "vitest";
import type { Box, Lease } from "../../app/store/rows.ts";
import { diff, ORPHAN_GRACE_MS } from "../../app/reconcile/diff.ts";
import type { ProviderBox } from "../../providers/provider.ts";

const NOW = 1_000_000;
const lease = (set: Partial<Lease>): Lease => ({
  id: "cbx_000000000001",
  slug: "calm-reef",
  accountId: 1,
  repositoryId: 2,
  trustDomain: "2:trusted",
  holder: { kind: "run", key: "run_1" },
  purpose: "run",
  provider: "p",
  class: "standard",
  state: "active",
  endReason: null,
  busyAttempt: null,
  createdAt: 0,
  expiresAt: NOW + 60_000,
  idleMs: 10_000,
  idleSince: NOW,
  endedAt: null,
  ...set,
});
const box = (set: Partial<Box>): Box => ({
  id: "box_000000000001",
  leaseId: "cbx_000000000001",
  provider: "p",
  ref: "b1",
  type: "t",
  trustDomain: "2:trusted",
  state: "leased",
  address: null,
  price: null,
  hydrated: null,
  epoch: null,
  unfit: null,
  createdAt: 0,
  readyAt: 0,
  goneAt: null,
  ...set,
});
const seen = (ref: string, leaseId = "cbx_000000000001"): ProviderBox => ({
  ref,
  type: "t",
  state: "ready",
  createdAt: 0,
  labels: { owner: "o", leaseId, trustDomain: "2:trusted", expiresAt: NOW + 60_000 },
});
const run = (
  leases: readonly Lease[],
  boxes: readonly ProviderBox[],
  set: Partial<Box> = {},
  orphans = new Map<string, number>(),
  isAbandoned = false,
) =>
  diff({
    provider: "p",
    seen: boxes,
    known: leases.map((one) => ({ lease: one, box: box(set), isAbandoned })),
    orphans,
    now: NOW,
  });

describe("diff", () => {
  it("leaves what is as it should be", () => {
    expect(run([lease({})], [seen("b1")])).toEqual([]);
    expect(run([lease({ state: "requested" })], [], { ref: null })).toEqual([]);
  });

  it.each([
    ["past its ttl", { expiresAt: NOW }, {}, "ttl"],
    ["past its ttl while busy", { expiresAt: NOW, busyAttempt: "att_1", idleSince: null }, {}, "ttl"],
    ["idle too long", { idleSince: NOW - 10_000 }, {}, "idle"],
    ["unfit", {}, { unfit: "survivors" }, "box_unfit"],
    ["already ending", { state: "ending", endReason: "stopped" }, {}, "stopped"],
  ] as const)("ends a lease that is %s", (_name, leaseSet, boxSet, reason) => {
    const actions = run([lease(leaseSet)], [seen("b1")], boxSet);
    expect(actions).toEqual([{ do: "release", leaseId: "cbx_000000000001", reason }]);
  });

  it("gives back what a finished run still holds, busy or not", () => {
    const release = [{ do: "release", leaseId: "cbx_000000000001", reason: "released" }];
    expect(run([lease({})], [seen("b1")], {}, new Map(), true)).toEqual(release);
    const busy = lease({ busyAttempt: "att_000000000001", idleSince: null });
    expect(run([busy], [seen("b1")], {}, new Map(), true)).toEqual(release);
  });

  it("leaves a busy lease whose box is not listed to the run that uses it", () => {
    expect(run([lease({ busyAttempt: "att_1", idleSince: null })], [])).toEqual([]);
    expect(run([lease({})], [])).toEqual([
      { do: "release", leaseId: "cbx_000000000001", reason: "box_lost" },
    ]);
  });

  it("marks an orphan first and ends it when a later round still sees it", () => {
    expect(run([], [seen("b9", "cbx_999999999999")])).toEqual([{ do: "mark", ref: "b9" }]);
    const young = new Map([["b9", NOW - ORPHAN_GRACE_MS + 1]]);
    expect(run([], [seen("b9", "cbx_999999999999")], {}, young)).toEqual([]);
    const old = new Map([["b9", NOW - ORPHAN_GRACE_MS]]);
    expect(run([], [seen("b9", "cbx_999999999999")], {}, old)).toEqual([{ do: "destroy", ref: "b9" }]);
  });

  it("says nothing about another provider's leases", () => {
    expect(run([lease({ provider: "q", expiresAt: 0 })], [])).toEqual([]);
  });
});

describe("diff when a provider cannot be asked", () => {
  const blind = (set: Partial<Lease>, isAbandoned = false) =>
    diff({
      provider: "p",
      seen: null,
      known: [{ lease: lease(set), box: box({}), isAbandoned }],
      orphans: new Map(),
      now: NOW,
    });

  it("takes no box for vanished", () => {
    expect(blind({})).toEqual([]);
  });

  it("ends by time, and what is ending or abandoned, all the same", () => {
    expect(blind({ expiresAt: NOW })).toMatchObject([{ do: "release", reason: "ttl" }]);
    expect(blind({ idleSince: NOW - 20_000 })).toMatchObject([{ do: "release", reason: "idle" }]);
    expect(blind({ state: "ending", endReason: "stopped" })).toMatchObject([
      { do: "release", reason: "stopped" },
    ]);
    expect(blind({}, true)).toMatchObject([{ do: "release", reason: "released" }]);
  });
});

it("tells a box of an extension that did not reach it", () => {
  const later = { expiresAt: NOW + 90_000 };
  expect(run([lease(later)], [seen("b1")])).toEqual([{ do: "extend", ref: "b1", ...later }]);
  expect(run([lease({ ...later, busyAttempt: "att_1" })], [seen("b1")])).toMatchObject([{ do: "extend" }]);
  expect(run([lease({ ...later, state: "requested" })], [seen("b1")])).toEqual([]);
});
