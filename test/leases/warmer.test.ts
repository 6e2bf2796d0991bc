import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import { startWarmer, type Warmer } from "../../app/leases/warmer.ts";
import { createLog } from "../../app/log.ts";
import type { Store } from "../../app/store/store.ts";
import { ProviderError, type Provider, type ProviderBox } from "../../providers/provider.ts";
import { until } from "../servers/until.ts";
import { admitRequest, made, openFixture, type Fixture } from "../store/fixture.ts";

/** Repository 11 of account 1, as the fixture has it. */
const HOLDER = pullRequestHolder(11, 7);

let fixture: Fixture;
let warmer: Warmer | null = null;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await warmer?.stop();
  warmer = null;
  await fixture.end();
});

async function requested(): Promise<ReturnType<typeof admitRequest>["lease"]["id"]> {
  const request = admitRequest({ holder: HOLDER });
  await fixture.store.leases.admitWarm({ ...request, lease: { ...request.lease, purpose: "warmup" } });
  return request.lease.id;
}

/** A provider whose only act is `create`. */
function providing(create: Provider["create"]): ReadonlyMap<string, Provider> {
  const provider: Provider = {
    name: "local",
    isolation: "user",
    capabilities: { snapshot: false, reach: "direct", sandbox: "none" },
    types: () => [made.type],
    create,
    describe: async () => null,
    list: async () => [],
    extend: async () => undefined,
    destroy: async () => undefined,
    price: async () => made.price,
    open: async () => undefined,
    close: async () => undefined,
  };
  return new Map([["local", provider]]);
}

const ready: Provider["create"] = async ({ labels }): Promise<ProviderBox> => ({
  ref: made.ref,
  type: made.type,
  state: "ready",
  address: made.address,
  labels,
  createdAt: 0,
});

function start(create: Provider["create"], store: Store = fixture.store): { readonly prepared: string[] } {
  const prepared: string[] = [];
  warmer = startWarmer({
    store,
    providers: providing(create),
    clock: { now: fixture.clock.now, sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }) },
    log: createLog("fatal"),
    release: (id, reason) => store.leases.end(id, reason),
    prepare: async ({ leaseId }) => void prepared.push(leaseId),
    touchSticky: () => undefined,
  });
  return { prepared };
}

const answers = async () => (await fixture.store.answers.latest(11, 7, 10)).map(({ body }) => body);

it("makes the box, prepares it, and leaves it idle", async () => {
  const id = await requested();
  const { prepared } = start(ready);
  await until(() => prepared.length > 0, "the box to be prepared");
  expect(prepared).toEqual([id]);
  expect(await fixture.store.leases.get(id)).toMatchObject({ state: "active", busyAttempt: null });
  expect(await answers()).toEqual([]);
});

it("goes on with what an earlier process died over", async () => {
  const id = await requested();
  await fixture.store.leases.claimRequested("warmup", 1, 3_600_000);
  const { prepared } = start(ready, await fixture.again());
  await until(() => prepared.length > 0, "the box to be prepared");
  expect(prepared).toEqual([id]);
});

it("says why no box came, once, and ends the lease", async () => {
  const id = await requested();
  start(async () => {
    throw new ProviderError("local", "no_capacity", "All <b>slots</b> are taken.", "Wait.");
  });
  await until(async () => (await fixture.store.leases.get(id))?.state === "ending", "the lease to end");
  expect(await fixture.store.leases.get(id)).toMatchObject({ endReason: "no_capacity" });
  const [answer, ...more] = await answers();
  expect(answer).toMatch(
    /^The warm box `calm-otter` could not be made: `All .*slots.* are taken\. Wait\.`$/u,
  );
  expect(more).toEqual([]);
});

it("lets go of a lease that somebody ends, without a word", async () => {
  const id = await requested();
  let asked = false;
  start((_request, signal) => {
    asked = true;
    return new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    );
  });
  await until(() => asked, "the provider to be asked");
  await fixture.store.leases.end(id, "stopped");
  warmer?.letGo(id);
  await warmer?.stop();
  expect(await fixture.store.leases.get(id)).toMatchObject({ endReason: "stopped" });
  expect(await answers()).toEqual([]);
});
