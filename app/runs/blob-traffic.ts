import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";

export type DoneSignals = { readonly drain: AbortSignal; readonly cancelled: AbortSignal };

/** Who cancelled waits for the end already, and can do nothing more about it. */
const CANCELLED_MAX_MS = 30_000;

/** Blobs of one attempt that go between the App and its box beside the log. Nothing here fails a run. */
export type BlobTraffic = {
  event(event: TaskEvent): void;
  /**
   * Resolves when all that the box has for the App is fetched or lost, which is bounded, or when somebody cancels meanwhile; throws `drain`'s
   * reason should that come first. What is under way then goes on until `close`.
   */
  done(signals: DoneSignals): Promise<void>;
  /** Lets go of what is under way. */
  close(): void;
};

/** Several as one; they work at once. */
export function together(...all: readonly BlobTraffic[]): BlobTraffic {
  return {
    event(event) {
      for (const one of all) one.event(event);
    },
    async done(signals) {
      await Promise.all(all.map((one) => one.done(signals)));
    },
    close() {
      for (const one of all) one.close();
    },
  };
}

/** For `done`: waits for `all`, `maxMs` at the most. A run that was cancelled before its command ended still has what is there, for a shorter time. */
export async function untilDone(
  all: Promise<unknown>,
  { drain, cancelled }: DoneSignals,
  maxMs: number,
): Promise<void> {
  const stop = cancelled.aborted
    ? [drain, AbortSignal.timeout(Math.min(maxMs, CANCELLED_MAX_MS))]
    : [drain, cancelled, AbortSignal.timeout(maxMs)];
  const isAll = await Promise.race([all.then(() => true), aborted(AbortSignal.any(stop))]);
  // The next process hears of them again by the App's copy of the journal.
  if (isAll !== true) drain.throwIfAborted();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
