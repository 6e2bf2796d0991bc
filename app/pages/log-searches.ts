import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { searchRows } from "../journal/search.ts";
import type { IndexedLog } from "./attempt-indexes.ts";

/** Searches at work at once: each takes a core while it runs. */
const MAX_SEARCHES = 4;
/** One answer; the browser asks for the rest. */
const ANSWER_MS = 10_000;
const ANSWER_HITS = 10_000;

export type Searches = {
  /**
   * Lines of JSON: `{"hits":[row, ...]}` as they are found, at last `{"next":row,"ended":bool}`. Throws when too many are at work.
   * Stops when the browser leaves.
   */
  start(log: IndexedLog | null, from: number, needle: string): AsyncIterable<string>;
};

/** Searches of logs, a bounded number at a time. */
export function createSearches(clock: Clock): Searches {
  let active = 0;
  return {
    start(log, from, needle) {
      if (active >= MAX_SEARCHES) {
        throw new AppError("busy", "Too many searches are at work.", "Try again in a few seconds.");
      }
      return search(log, from, needle);
    },
  };

  async function* search(log: IndexedLog | null, from: number, needle: string): AsyncGenerator<string, void> {
    active += 1;
    try {
      const until = clock.now() + ANSWER_MS;
      let found = 0;
      let next = from;
      let ended = log === null;
      for await (const step of log === null ? [] : searchRows(log.read, log.index, from, needle)) {
        ({ next, ended } = step);
        found += step.hits.length;
        if (step.hits.length > 0) yield `${JSON.stringify({ hits: step.hits })}\n`;
        if (ended || found >= ANSWER_HITS || clock.now() > until) break;
        await turn();
      }
      yield `${JSON.stringify({ next: Math.max(next, from), ended })}\n`;
    } finally {
      active -= 1;
    }
  }
}
