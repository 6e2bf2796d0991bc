/** The cache and artifact services beside one hydration. */

import { relative } from "node:path";

import type { CacheEvent, HydrateCaches } from "../../cache-wire.ts";
import { openDocker } from "../docker/open.ts";
import type { EngineHost } from "../host.ts";
import type { JobPlan } from "../plan.ts";
import { openBoxStore } from "./box-store.ts";
import type { RunningServices } from "./services.ts";
import { startServices } from "./services.ts";
import type { CacheScope } from "./store.ts";

export type HydrateServicesDeps = {
  readonly blobs: string;
  readonly caches: string;
  readonly journal: {
    event(event: CacheEvent | { readonly e: "note"; readonly text: string }): void;
  };
  readonly stopped: AbortSignal;
};

export type HydrateServices = RunningServices;

/**
 * Starts them, on loopback, or where containers reach this box when the job uses any. They read and write the scopes that the task
 * names, whatever a step says. After `close` the artifacts are gone; cache entries that were saved lie there as blobs.
 */
export async function openHydrateServices(
  deps: HydrateServicesDeps,
  offered: HydrateCaches,
  plan: JobPlan,
  host: EngineHost,
): Promise<HydrateServices> {
  const { journal } = deps;
  const store = await openBoxStore({
    blobs: deps.blobs,
    caches: deps.caches,
    offered,
    wayHome: relative(host.places.workspace, host.places.home),
    stopped: deps.stopped,
    now: host.now,
    tell: (event) => journal.event(event),
  });
  const { repository } = plan.synced;
  const [write = { repository, domain: "trusted", ref: "" }, ...read] = offered.scopes.map(
    // Told apart by their refs; whose they really are, only the App knows.
    ({ ref }): CacheScope => ({ repository, domain: "trusted", ref }),
  );
  const address = usesContainers(plan) ? await openDocker(host, plan.job).address(0) : null;
  let hasFailed = false;
  try {
    const services = await startServices({
      store,
      repository,
      run: "hydrate",
      job: plan.job,
      caches: { write, read: [write, ...read] },
      ...(address === null ? {} : { address }),
      now: host.now,
      onFault(error) {
        if (!hasFailed)
          journal.event({ e: "note", text: `The cache and artifact services failed: ${String(error)}` });
        hasFailed = true;
      },
    });
    return {
      ...services,
      async close() {
        await services.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Then the services have to listen where containers reach this box. */
function usesContainers(plan: JobPlan): boolean {
  return (
    plan.container !== undefined ||
    Object.values(plan.actions).some(
      ({ source, definition }) => source.kind === "image" || definition?.runs.using === "docker",
    )
  );
}
