import type { Clock } from "../clock.ts";
import { toAppError } from "../errors.ts";
import { limitWaitMs } from "./failures.ts";
import type { Log } from "./octokit.ts";
import { createWriteQueue } from "./pacer-queue.ts";
import type { Priority, Waiting } from "./pacer-queue.ts";
import { createSlidingWindow } from "./pacer-window.ts";

export type PacerSettings = {
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  readonly pointsPerMinute: number;
  /** Writes of one installation under way at once. */
  readonly concurrency: number;
  /** Writes of one installation that may wait. */
  readonly maxQueued: number;
};

/** The writes of one installation. */
export type Lane = {
  /** False when it is full. */
  add(write: Waiting): boolean;
  remove(write: Waiting): boolean;
  countRead(): void;
  /** Nothing starts before the pause is over; null when GitHub named no time. */
  pause(waitMs: number | null): void;
  depth(): number;
  /** Nothing waits, runs or counts any more: the lane may be forgotten. */
  isIdle(): boolean;
  /** Starts nothing more; answers what waited. */
  close(): readonly Waiting[];
};

/** Points of a read and of a write (docs "Calculating points for the secondary rate limit"). */
const READ_POINTS = 1;
const WRITE_POINTS = 5;
/** What of each limit a priority may use, so that a result never waits behind a minute full of progress. */
const SHARES: Readonly<Record<Priority, number>> = { result: 1, reaction: 0.9, progress: 0.7 };
/** Docs: without retry-after wait at least a minute, then grow. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 15 * 60_000;
/** Turned away so often in a row, a write is given up (over an hour with the pauses above). */
const MAX_TRIES = 10;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** One installation's queue under its limits; what waits for a limit is woken by the clock, without polling. */
export function createLane(clock: Clock, log: Log, settings: PacerSettings): Lane {
  const queue = createWriteQueue(settings.maxQueued);
  const points = createSlidingWindow(MINUTE_MS, settings.pointsPerMinute);
  const content = [
    createSlidingWindow(MINUTE_MS, settings.contentPerMinute),
    createSlidingWindow(HOUR_MS, settings.contentPerHour),
  ];
  const busyKeys = new Set<string>();
  let running = 0;
  let pausedUntil = 0;
  let pauses = 0;
  let wake: { readonly at: number; readonly stop: AbortController } | null = null;
  let closed = false;

  function pump(): void {
    while (mayStart()) {
      const now = clock.now();
      if (pausedUntil > now) return wakeAt(pausedUntil);
      let nextMs = Number.POSITIVE_INFINITY;
      const next = queue.take((write) => {
        if (write.key !== null && busyKeys.has(write.key)) return false;
        const waitMs = waitFor(write, now);
        nextMs = Math.min(nextMs, waitMs);
        return waitMs <= 0;
      });
      if (next === null) {
        // What waits for a busy key is looked at again when that write ends.
        if (Number.isFinite(nextMs)) wakeAt(now + nextMs);
        return;
      }
      void start(next, now);
    }
  }

  function mayStart(): boolean {
    return !closed && running < settings.concurrency && queue.size() > 0;
  }

  function waitFor(write: Waiting, now: number): number {
    const share = SHARES[write.priority];
    const waits = write.content ? content.map((window) => window.waitMs(1, share, now)) : [];
    return Math.max(points.waitMs(WRITE_POINTS, share, now), ...waits);
  }

  async function start(write: Waiting, now: number): Promise<void> {
    running += 1;
    write.tries += 1;
    if (write.key !== null) busyKeys.add(write.key);
    points.book(WRITE_POINTS, now);
    if (write.content) for (const window of content) window.book(1, now);
    try {
      const value = await write.run();
      pauses = 0;
      write.settle({ value });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === "github_limited") pause(limitWaitMs(error));
      if (error.code === "github_limited" && write.tries < MAX_TRIES && !closed) queue.putBack(write);
      else write.reject(thrown);
    } finally {
      running -= 1;
      if (write.key !== null) busyKeys.delete(write.key);
    }
    pump();
  }

  function pause(waitMs: number | null): void {
    const now = clock.now();
    // Several writes under way are turned away together: that is one pause, not several.
    if (pausedUntil > now && waitMs === null) return;
    const growingMs = Math.min(FIRST_PAUSE_MS * 2 ** pauses, MAX_PAUSE_MS);
    if (pausedUntil <= now) pauses += 1;
    pausedUntil = Math.max(pausedUntil, now + (waitMs ?? growingMs));
  }

  function wakeAt(at: number): void {
    if (wake !== null && wake.at <= at) return;
    wake?.stop.abort();
    const stop = new AbortController();
    wake = { at, stop };
    clock.sleep(Math.max(1, at - clock.now()), stop.signal).then(
      () => {
        wake = null;
        pump();
      },
      (reason: unknown) => {
        if (!stop.signal.aborted) log.error({ err: toAppError(reason) }, "the pacer's clock failed");
      },
    );
  }

  return {
    add(write) {
      const added = queue.add(write);
      pump();
      return added;
    },
    remove: (write) => queue.remove(write),
    countRead: () => points.book(READ_POINTS, clock.now()),
    pause,
    depth: () => queue.size(),
    isIdle() {
      const now = clock.now();
      const spent = points.isEmpty(now) && content.every((window) => window.isEmpty(now));
      return spent && running === 0 && queue.size() === 0 && pausedUntil <= now;
    },
    close() {
      closed = true;
      wake?.stop.abort();
      return queue.drain();
    },
  };
}
