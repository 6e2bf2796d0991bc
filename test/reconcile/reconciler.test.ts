import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { release } from "../../app/leases/release.ts";
import { startReconciler } from "../../app/reconcile/reconciler.ts";
import type { Provider } from "../../providers/provider.ts";
import { createManualClock } from "../github/manual-clock.ts";
import { until } from "../servers/until.ts";
import { activeLease, openFixture, type Fixture } from "../store/fixture.ts";

const log = pino({ level: "silent" });

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

/** A provider without boxes of its own; `destroy` as given. */
function providerOf(destroy: Provider["destroy"]): Provider {
  return { name: "local", list: async () => [], destroy } as unknown as Provider;
}

/** The reconciler over the real store, with real releases, until `stop`. */
function startOver({ store }: Fixture, provider: Provider) {
  const providers = new Map([["local", provider]]);
  const draining = new AbortController();
  const clock = createManualClock();
  const shared = { store, providers, clock, log };
  const reconciler = startReconciler({
    ...shared,
    release: async (id, reason) =>
      release({ ...shared, dropLink: async () => {}, drain: draining.signal }, id, reason),
  });
  return {
    async stop() {
      draining.abort();
      await reconciler.stop();
    },
  };
}

/** Rejects when the signal says so, never by itself. */
function hanging(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

it("lets go of a destroy that takes long, and the next one goes on with it", async () => {
  const { store } = fixture;
  const id = await activeLease(store);
  await store.leases.end(id, "idle");
  let asked = 0;
  const first = startOver(
    fixture,
    providerOf(async (_ref, signal) => {
      asked += 1;
      await hanging(signal);
    }),
  );
  await until(() => asked === 1, "the destroy to be asked for");
  await first.stop();
  expect(await store.leases.get(id)).toMatchObject({ state: "ending", endReason: "idle" });

  const second = startOver(
    fixture,
    providerOf(async () => {}),
  );
  await until(async () => (await store.leases.get(id))?.state === "ended", "the lease to end");
  await second.stop();
});

it("lets go of a list that takes long", async () => {
  let asked = 0;
  const provider = {
    name: "local",
    list: (_owner: string, signal: AbortSignal) => {
      asked += 1;
      return hanging(signal);
    },
  } as unknown as Provider;
  const reconciler = startOver(fixture, provider);
  await until(() => asked === 1, "the list to be asked for");
  await reconciler.stop();
  expect(asked).toBe(1);
});
