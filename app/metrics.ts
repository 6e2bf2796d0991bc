import { Gauge, Registry, collectDefaultMetrics } from "prom-client";
import type { Store } from "./store/store.ts";

export type MetricsDeps = {
  readonly store: Pick<Store, "runs" | "leases" | "deliveries" | "boxes" | "cacheEntries">;
  readonly activeRuns: () => number;
  readonly pacerDepth: () => number;
  readonly github: { credentialsRefused(): boolean; unansweredMs(): number };
};

/** Prometheus metrics: what the store holds is counted when it is asked for, so that the numbers are never stale. */
export function createMetrics(deps: MetricsDeps): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  gauge(registry, "crabbox_runs", "Runs by state.", "state", () => deps.store.runs.counts());
  gauge(registry, "crabbox_deliveries", "Deliveries by state.", "state", () =>
    deps.store.deliveries.counts(),
  );
  gauge(registry, "crabbox_leases_live", "Leases that have not ended, by state.", "state", async () =>
    countBy(await deps.store.leases.live(), (lease) => lease.state),
  );
  gauge(registry, "crabbox_boxes_live", "Boxes that are not gone, by state.", "state", async () =>
    countBy(await deps.store.boxes.live(), (box) => box.state),
  );
  gauge(registry, "crabbox_caches", "Cache entries of hydrations, and their bytes.", "of", async () => {
    const { entries, sizeBytes } = await deps.store.cacheEntries.usage();
    return { entries, bytes: sizeBytes };
  });
  single(registry, "crabbox_runs_active", "Runs this process works on.", deps.activeRuns);
  single(
    registry,
    "crabbox_github_writes_waiting",
    "Writes to GitHub that wait for their turn.",
    deps.pacerDepth,
  );
  single(
    registry,
    "crabbox_github_unanswered_seconds",
    "Time that GitHub has left calls without an answer.",
    () => Math.round(deps.github.unansweredMs() / 1_000),
  );
  single(
    registry,
    "crabbox_github_credentials_refused",
    "1 while GitHub refuses the App's credentials.",
    () => (deps.github.credentialsRefused() ? 1 : 0),
  );
  return registry;
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Promise<Readonly<Record<string, number>>>,
): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [],
      async collect() {
        this.reset();
        for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count);
      },
    }),
  );
}

function single(registry: Registry, name: string, help: string, read: () => number): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    }),
  );
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
