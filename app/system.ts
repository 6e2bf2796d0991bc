import type { Log } from "./log.ts";
import type { Settings } from "./settings.ts";
import { openDoors } from "./system/doors.ts";
import { openEdges } from "./system/edges.ts";
import { startFlows } from "./system/flows.ts";
import { openProviders } from "./system/open-providers.ts";
import { createRepoFiles } from "./system/repo-files.ts";
import { createReports } from "./system/reports.ts";

/** Comments of pull requests with news since then are looked at again at start, in case a crash kept them back. */
const STICKY_LOOK_BACK_MS = 24 * 3_600_000;

/** Held runs looked at again at start; what is shown already is not sent again. */
const MAX_HELD = 1_000;

export type System = {
  /** Where the public listener answers. */
  readonly url: string;
  /** Intake closes, follows are let go (the tasks live on), everything is closed; in seconds. */
  drain(): Promise<void>;
};

/** Builds everything, in order: edges, reports, flows, doors. The caller holds the instance lock of the state dir. */
export async function startSystem(settings: Settings, log: Log): Promise<System> {
  const edges = await openEdges(settings, log);
  const opening = await openProviders(edges, settings.defaults);
  const reports = createReports(edges, settings);
  const files = createRepoFiles(edges, settings);
  const flows = startFlows(edges, reports, files, settings);
  const doors = await openDoors(edges, reports, files, flows, settings);
  const recent = await edges.store.runs.recentPullRequests(edges.clock.now() - STICKY_LOOK_BACK_MS);
  for (const { repositoryId, pullRequest } of recent) reports.touchSticky(repositoryId, pullRequest);
  // No worker takes up what is held, so nobody else makes good a report that a crash kept back.
  const held = await edges.store.runs.heldBefore(edges.clock.now() + 1, MAX_HELD);
  for (const { id } of held) reports.reporter.touch(id);
  return {
    url: doors.url,
    async drain() {
      await doors.close();
      await Promise.all([flows.stop(), opening.stop()]);
      await reports.close();
      await edges.close();
    },
  };
}
