/** The cache and artifact services of a task on a box. */

import { relative } from "node:path";

import type { ArtifactEvent, WantedArtifacts } from "../../artifact-wire.ts";
import type { ArtifactQuota } from "../../artifacts/quota.ts";
import type { CacheEvent, OfferedCaches } from "../../cache-wire.ts";
import { openDocker } from "../docker/open.ts";
import type { EngineHost } from "../host.ts";
import type { JobPlan } from "../plan.ts";
import { openBoxStore } from "./box-store.ts";
import { carryArtifacts } from "./carry-artifacts.ts";
import type { RunningServices } from "./services.ts";
import { startServices } from "./services.ts";
import type { CacheScope } from "./store.ts";

export type ServiceDeskDeps = {
  readonly blobs: string;
  readonly caches: string;
  readonly offered: OfferedCaches;
  /** Where artifacts lie for the App, and what it takes of them; undefined: none. */
  readonly artifacts: string;
  readonly wanted: WantedArtifacts | undefined;
  /** Of all artifacts of the task. */
  readonly quota: ArtifactQuota;
  readonly journal: {
    event(event: ArtifactEvent | CacheEvent | { readonly e: "note"; readonly text: string }): void;
  };
  readonly stopped: AbortSignal;
};

export type ServiceDesk = {
  /** Starts them for one job, on loopback, or where containers reach this box when the job uses any. */
  start(plan: JobPlan, host: EngineHost): Promise<RunningServices>;
  /** After it artifacts that steps uploaded lie there for the App, as far as it takes them; cache entries that were saved lie there as blobs. */
  close(): Promise<void>;
};

/** All jobs of a task see each other's artifacts. */
const RUN = "task";

/** Opens the store below `caches`. Its services read and write the scopes that the task names, whatever a step says. */
export async function openServiceDesk(deps: ServiceDeskDeps, host: EngineHost): Promise<ServiceDesk> {
  const { journal, offered } = deps;
  const store = await openBoxStore({
    blobs: deps.blobs,
    caches: deps.caches,
    offered,
    wayHome: relative(host.places.workspace, host.places.home),
    stopped: deps.stopped,
    now: host.now,
    tell: (event) => journal.event(event),
  });
  const repositories = new Set<string>();
  let count = 0;
  let hasFailed = false;
  const onFault = (error: unknown): void => {
    if (!hasFailed)
      journal.event({ e: "note", text: `The cache and artifact services failed: ${String(error)}` });
    hasFailed = true;
  };

  return {
    async start(plan, jobHost) {
      count += 1;
      const { repository } = plan.synced;
      repositories.add(repository);
      const [write = { repository, domain: "trusted", ref: "" }, ...read] = offered.scopes.map(
        // Told apart by their refs; whose they really are, only the App knows.
        ({ ref }): CacheScope => ({ repository, domain: "trusted", ref }),
      );
      const job = `${plan.job}-${count}`;
      const address = usesContainers(plan) ? await openDocker(jobHost, job).address(0) : null;
      return startServices({
        store,
        repository,
        run: RUN,
        job,
        caches: { write, read: [write, ...read] },
        cacheMode: plan.cacheMode,
        ...(address === null ? {} : { address }),
        now: jobHost.now,
        onFault,
      });
    },
    async close() {
      const tell = (event: Parameters<typeof journal.event>[0]): void => journal.event(event);
      for (const repository of repositories)
        await carryArtifacts({
          store,
          run: { repository, run: RUN },
          into: deps.artifacts,
          wanted: deps.wanted,
          quota: deps.quota,
          tell,
        });
      await store.close();
    },
  };
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
