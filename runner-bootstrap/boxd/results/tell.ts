/** The phase `collect`: told only when there is something to tell. */

import type { Journal } from "../journal.ts";
import type { Collector } from "./collect.ts";

/** Collects and tells what the tests said, failures before counts. A command without results leaves no trace of this. */
export async function tellResults(
  journal: Journal,
  collector: Collector,
  stopped: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const events = await collector.collect(stopped);
  if (events.length === 0) return;
  journal.event({ e: "phase", name: "collect", at: "begin" });
  for (const event of events) journal.event(event);
  const ms = Math.round(performance.now() - began);
  journal.event({ e: "phase", name: "collect", at: "end", outcome: "succeeded", ms });
}
