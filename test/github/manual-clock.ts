import type { Clock } from "../../app/clock.ts";

export type ManualClock = Clock & {
  /** Moves time on, waking what is due in order, and lets what was woken run. */
  advance(ms: number): Promise<void>;
};

type Sleeper = { readonly at: number; readonly wake: () => void };

/** A clock that only moves when told. */
export function createManualClock(startAt = 1_800_000_000_000): ManualClock {
  let now = startAt;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper: Sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            sleepers.delete(sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
    async advance(ms) {
      const end = now + ms;
      await drainMicrotasks();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        sleepers.delete(next);
        next.wake();
        await drainMicrotasks();
      }
      now = end;
    },
  };
}

/** One turn of the event loop: every promise chain without outside work has ended by then. */
async function drainMicrotasks(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
