import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";

/** Pauses after a failed post; the last repeats. */
const FAILED_PAUSES_MS = [1_000, 5_000, 15_000, 60_000] as const;

/** A day of those pauses; then only the next change is worth another try. */
const MAX_FAILURES = 1_440;

export type CoalesceDeps<K> = {
  readonly clock: Clock;
  readonly log: Log;
  /** Waited before a key's first post, so that what changes meanwhile goes along. */
  readonly firstMs: number;
  /** Least time between two posts of one key. */
  readonly intervalMs: number;
  /** Posts what is true now. Rejecting means: again later. */
  readonly post: (key: K, signal: AbortSignal) => Promise<void>;
};

/** Posts each key's newest state, one post at a time a key, however often it changes. */
export type Coalesced<K> = {
  touch(key: K): void;
  /** Forgets what waits and answers when nothing is under way for the key. */
  settle(key: K): Promise<void>;
  close(): Promise<void>;
};

/** Turns many wishes for the same key into few works, one at a time each. */
export function coalesce<K>(deps: CoalesceDeps<K>): Coalesced<K> {
  const stopped = new AbortController();
  const states = new Map<K, { dirty: boolean; stop: AbortController; done: Promise<void> }>();

  async function work(key: K, state: { dirty: boolean; stop: AbortController }): Promise<void> {
    const signal = AbortSignal.any([stopped.signal, state.stop.signal]);
    let failures = 0;
    let pauseMs = deps.firstMs;
    while (state.dirty && !signal.aborted) {
      const failedPause = FAILED_PAUSES_MS[Math.min(failures, FAILED_PAUSES_MS.length) - 1] ?? 0;
      await deps.clock.sleep(Math.max(pauseMs, failedPause), signal);
      pauseMs = deps.intervalMs;
      state.dirty = false;
      try {
        await deps.post(key, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        if (failures >= MAX_FAILURES) {
          deps.log.error(
            { err: error, key, failures },
            "a report was never posted: given up until it changes",
          );
          return;
        }
        state.dirty = true;
        deps.log.warn({ err: error, key, failures }, "a report could not be posted; it is tried again");
      }
    }
  }

  function touch(key: K): void {
    const known = states.get(key);
    if (known !== undefined) {
      known.dirty = true;
      return;
    }
    if (stopped.signal.aborted) return;
    const state = { dirty: true, stop: new AbortController(), done: Promise.resolve() };
    states.set(key, state);
    state.done = work(key, state)
      // Only the pause rejects, and only when told to stop.
      .catch((error: unknown) => deps.log.debug({ err: error, key }, "posting stopped"))
      .finally(() => {
        states.delete(key);
        // Touched after the last look at the flag.
        if (state.dirty && !state.stop.signal.aborted) touch(key);
      });
  }

  return {
    touch,
    async settle(key) {
      const state = states.get(key);
      if (state === undefined) return;
      state.stop.abort();
      await state.done;
    },
    async close() {
      stopped.abort();
      await Promise.all([...states.values()].map((state) => state.done));
    },
  };
}
