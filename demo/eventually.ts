import { setTimeout as sleep } from "node:timers/promises";
import { DemoError } from "./demo-error.ts";

const POLL_MS = 100;

/**
 * Asks until there is an answer that is not null. Throws `DemoError` when `withinMs` are over, saying what was waited for, and the
 * signal's reason when it is aborted.
 */
export async function eventually<T>(
  what: string,
  withinMs: number,
  signal: AbortSignal,
  probe: () => Promise<T | null> | T | null,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await probe();
    if (answer !== null) return answer;
    if (Date.now() > until)
      throw new DemoError(
        `Waited ${Math.round(withinMs / 1000)} s for ${what}, in vain.`,
        "The App's log says why; its place is named at the start.",
      );
    await sleep(POLL_MS, undefined, { signal });
  }
}
