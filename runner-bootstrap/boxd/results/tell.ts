/** The phase `collect`: told only when there is something to tell. */

import { join } from "node:path";

import { wasExecuted } from "../claim.ts";
import type { Journal } from "../journal.ts";
import type { Masker } from "../mask/masker.ts";
import type { Stop } from "../stop.ts";
import type { Task } from "../task.ts";
import { createCollector } from "./collect.ts";
import type { Collector } from "./collect.ts";

export type TaskPlace = {
  readonly task: Task;
  readonly tree: string;
  /** The task's own directory. */
  readonly dir: string;
  readonly masker: Masker;
};

/** The collector of one task. */
export function openCollector({ task, tree, dir, masker }: TaskPlace): Collector {
  return createCollector({
    tree,
    begun: join(dir, "execute"),
    // Without a sync there is no work tree, only somebody's HOME.
    patterns: task.sync === undefined ? [] : task.results,
    clean: (text) => masker.text(text),
  });
}

/**
 * Collects and tells what the tests said, failures before counts. A command without results leaves no trace of this. One that ran
 * into its deadline has results, too; of one that somebody cancelled nobody wants them.
 */
export async function tellResults(
  journal: Journal,
  collector: Collector,
  stop: Stop,
  dir: string,
): Promise<void> {
  if (!wasExecuted(dir) || stop.reason?.why === "cancelled") return;
  const began = performance.now();
  const events = await collector.collect(
    stop.reason === undefined ? stop.signal : new AbortController().signal,
  );
  if (events.length === 0) return;
  journal.event({ e: "phase", name: "collect", at: "begin" });
  for (const event of events) journal.event(event);
  const ms = Math.round(performance.now() - began);
  journal.event({ e: "phase", name: "collect", at: "end", outcome: "succeeded", ms });
}
