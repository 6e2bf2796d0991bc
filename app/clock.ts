import { setTimeout as delay } from "node:timers/promises";

/** The one clock: epoch milliseconds, and waiting. Everything that asks the time takes this. */
export type Clock = {
  now(): number;
  /** Waits `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/**
 * The machine's clock, never going backwards: when the wall clock is set back it stands still until real time catches up,
 * so that ages, expiries and durations stay non-negative.
 */
export function createSystemClock(): Clock {
  let last = 0;
  return {
    now() {
      last = Math.max(last, Date.now());
      return last;
    },
    async sleep(ms, signal) {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    },
  };
}
