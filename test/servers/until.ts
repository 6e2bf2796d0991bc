import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;
const DEFAULT_MS = 90_000;

/** Waits for something to become true; the bound is generous, because it only ends tests that would never end. */
export async function until<T>(
  look: () => T | Promise<T>,
  what: string,
  withinMs = DEFAULT_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined)
      return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await sleep(POLL_MS);
  }
}
