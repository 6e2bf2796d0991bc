import { ProviderError } from "../providers/provider.ts";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./settings.ts";
import { openDoors } from "./system/doors.ts";
import { openEdges, type Edges } from "./system/edges.ts";
import { startFlows } from "./system/flows.ts";
import { createReports } from "./system/reports.ts";

/** A provider that is not ready after this is reported, and asked again by whoever needs it. */
const OPEN_WITHIN_MS = 30_000;
/** Comments of pull requests with news since then are looked at again at start, in case a crash kept them back. */
const STICKY_LOOK_BACK_MS = 24 * 3_600_000;

export type System = {
  /** Where the public listener answers. */
  readonly url: string;
  /** Intake closes, follows are let go (the tasks live on), everything is closed; in seconds. */
  drain(): Promise<void>;
};

/** Builds everything, in order: edges, reports, flows, doors. The caller holds the instance lock of the state dir. */
export async function startSystem(settings: Settings, log: Log): Promise<System> {
  const edges = await openEdges(settings, log);
  await openProviders(edges, settings);
  const reports = createReports(edges, settings);
  const flows = startFlows(edges, reports, settings);
  const doors = await openDoors(edges, reports, flows, settings);
  const recent = await edges.store.runs.recentPullRequests(edges.clock.now() - STICKY_LOOK_BACK_MS);
  for (const { repositoryId, pullRequest } of recent) reports.touchSticky(repositoryId, pullRequest);
  return {
    url: doors.url,
    async drain() {
      await doors.close();
      await flows.stop();
      await reports.close();
      await edges.close();
    },
  };
}

/** The default provider must work; another one that does not is said, and the rest goes on without it. */
async function openProviders(edges: Edges, settings: Settings): Promise<void> {
  if (!edges.providers.has(settings.defaults.provider)) {
    throw new AppError(
      "bad_settings",
      `defaults.provider is "${settings.defaults.provider}", but providers has ${[...edges.providers.keys()].join(", ") || "none"}.`,
      "Name one of them, or add it to providers.",
    );
  }
  const { provider: name, class: size } = settings.defaults;
  if (edges.providers.get(name)?.types(size).length === 0) {
    throw new AppError(
      "bad_settings",
      `defaults.class is "${size}", but the provider "${name}" has no such class.`,
      "Name one of its classes, or add this one to its `classes`.",
    );
  }
  for (const provider of edges.providers.values()) {
    try {
      await provider.open(AbortSignal.timeout(OPEN_WITHIN_MS));
    } catch (thrown) {
      if (!(thrown instanceof ProviderError)) throw thrown;
      if (provider.name === settings.defaults.provider) {
        throw new AppError(
          "bad_settings",
          `Provider "${provider.name}": ${thrown.message}`,
          thrown.hint,
          thrown,
        );
      }
      edges.log.error({ err: thrown, provider: provider.name, hint: thrown.hint }, "a provider is not ready");
    }
  }
}
