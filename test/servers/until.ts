import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;
const DEFAULT_MS = 90_000;
const TOLD_CHARS = 4_000;

const witnesses = new Set<() => string>();

/** Asked for its last words (a log) whenever something was waited for in vain. */
export function witness(tell: () => string): void {
  witnesses.add(tell);
}

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
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}${lastWords()}`);
    await sleep(POLL_MS);
  }
}

function lastWords(): string {
  return [...witnesses].map((tell) => `\n${tell().slice(-TOLD_CHARS)}`).join("");
}
