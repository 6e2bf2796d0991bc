import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Log } from "./octokit.ts";
import { createLane } from "./pacer-lane.ts";
import type { Lane, PacerSettings } from "./pacer-lane.ts";
import type { Waiting } from "./pacer-queue.ts";

/**
 * Below GitHub's secondary limits per installation (docs "Rate limits for the REST API": about 80 content creations a minute and
 * 500 an hour, 900 points a minute). The rest is left to other users of the same installation and to counts lost in a restart.
 */
export const DEFAULT_PACER: PacerSettings = {
  contentPerMinute: 60,
  contentPerHour: 450,
  pointsPerMinute: 800,
  concurrency: 4,
  maxQueued: 5_000,
};

export type PacedWrite<T> = Pick<Waiting, "key" | "priority" | "content"> & {
  readonly installationId: number;
  readonly run: () => Promise<T>;
  /** Takes the write out while it waits; once under way, ending it is the run's own business. */
  readonly signal?: AbortSignal | undefined;
};

export type Paced<T> =
  | { readonly kind: "written"; readonly value: T }
  /** A newer write to the same key goes instead. */
  | { readonly kind: "superseded" };

export type Pacer = {
  /** Runs the write when its installation's limits allow. Rejects as `run` does, or with github_limited when the queue is full. */
  write<T>(write: PacedWrite<T>): Promise<Paced<T>>;
  /** Counts a read: it shares the points with the writes. */
  countRead(installationId: number): void;
  /** Holds this installation's writes back; null when GitHub named no time. */
  pause(installationId: number, waitMs: number | null): void;
  /** Writes that wait, of all installations. */
  depth(): number;
  /** Rejects everything that waits with `draining`; writes under way go on. */
  close(): void;
};

/** The one pacer: limits are held per installation, and one installation's pause leaves the others alone. */
export function createPacer(deps: {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: PacerSettings;
}): Pacer {
  const lanes = new Map<number, Lane>();
  let closed = false;

  function laneOf(installationId: number): Lane {
    const known = lanes.get(installationId);
    if (known !== undefined) return known;
    // Only here the map grows, so only here it needs to shrink.
    for (const [id, lane] of lanes) if (lane.isIdle()) lanes.delete(id);
    const lane = createLane(deps.clock, deps.log, deps.settings);
    lanes.set(installationId, lane);
    return lane;
  }

  return {
    write: <T>(write: PacedWrite<T>) =>
      new Promise<Paced<T>>((resolve, reject) => {
        if (closed) return reject(drainingError());
        if (write.signal?.aborted === true) return reject(asError(write.signal.reason));
        const lane = laneOf(write.installationId);
        const stop = () => {
          if (lane.remove(waiting)) reject(asError(write.signal?.reason));
        };
        const waiting: Waiting = {
          key: write.key,
          content: write.content,
          priority: write.priority,
          tries: 0,
          run: () => write.run(),
          settle(result) {
            write.signal?.removeEventListener("abort", stop);
            // The queue holds writes of every type; this value came from this write's own `run`.
            resolve(
              "value" in result ? { kind: "written", value: result.value as T } : { kind: "superseded" },
            );
          },
          reject(reason) {
            write.signal?.removeEventListener("abort", stop);
            reject(asError(reason));
          },
        };
        write.signal?.addEventListener("abort", stop, { once: true });
        if (!lane.add(waiting)) waiting.reject(fullError(deps.settings.maxQueued));
      }),
    countRead: (installationId) => laneOf(installationId).countRead(),
    pause: (installationId, waitMs) => laneOf(installationId).pause(waitMs),
    depth: () => [...lanes.values()].reduce((sum, lane) => sum + lane.depth(), 0),
    close() {
      closed = true;
      for (const lane of lanes.values()) for (const waiting of lane.close()) waiting.reject(drainingError());
    },
  };
}

function drainingError(): AppError {
  return new AppError(
    "draining",
    "The App is shutting down.",
    "Nothing to do: it is written after the restart.",
  );
}

function fullError(max: number): AppError {
  return new AppError(
    "github_limited",
    `${max} writes to GitHub already wait for this installation.`,
    "Nothing to do: it is tried again; fewer commands at once would help.",
  );
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
