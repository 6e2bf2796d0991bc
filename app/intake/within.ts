import type { Clock } from "../clock.ts";

/** Waits for the work, but no longer than `ms`: then rejects, and the work goes on unheard. */
export async function within(ms: number, clock: Clock, work: Promise<void>): Promise<void> {
  const over = new AbortController();
  const deadline = clock.sleep(ms, over.signal).then(() => {
    throw new Error(`not ended within ${ms} ms`);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    over.abort();
    deadline.catch(() => undefined);
  }
}
