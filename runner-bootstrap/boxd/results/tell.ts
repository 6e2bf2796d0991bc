/** The phase `collect`: told only when there is something to tell. */

import { join } from "node:path";

import { collectArtifacts } from "../artifacts/collect.ts";
import type { ArtifactQuota } from "../artifacts/quota.ts";
import { wasExecuted } from "../claim.ts";
import type { Journal } from "../journal.ts";
import type { Layout } from "../layout.ts";
import type { Masker } from "../mask/masker.ts";
import type { Stop } from "../stop.ts";
import type { Task, TaskEvent } from "../task.ts";
import { createCollector } from "./collect.ts";
import type { Collector } from "./collect.ts";

export type TaskPlace = {
  readonly layout: Layout;
  readonly task: Task;
  readonly tree: string;
  /** The task's own directory. */
  readonly dir: string;
  readonly masker: Masker;
  /** Of the task's artifacts. */
  readonly quota: ArtifactQuota;
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
 * Collects and tells what the tests said, failures before counts, then the artifacts. A command without either leaves no trace of this. One
 * that ran into its deadline has them, too; of one that somebody cancelled nobody wants them. Uploads of a set-up that stay behind are told also where no command came after it.
 */
export async function tellCollected(
  journal: Journal,
  collector: Collector,
  stop: Stop,
  { task, layout, tree, dir, masker, quota }: TaskPlace,
): Promise<void> {
  const isExecuted = wasExecuted(dir);
  if ((!isExecuted && quota.left.length === 0) || stop.reason?.why === "cancelled") return;
  const began = performance.now();
  const stopped = stop.reason === undefined ? stop.signal : new AbortController().signal;
  const events: TaskEvent[] = isExecuted ? [...(await collector.collect(stopped))] : [];
  if (task.artifacts !== undefined && task.sync !== undefined) {
    const wanted = isExecuted ? task.artifacts : { ...task.artifacts, patterns: [] };
    const clean = (text: string): string => masker.text(text);
    const into = layout.artifacts;
    events.push(...(await collectArtifacts({ tree, into, wanted, quota, clean }, stopped)));
  }
  if (events.length === 0) return;
  journal.event({ e: "phase", name: "collect", at: "begin" });
  for (const event of events) journal.event(event);
  const ms = Math.round(performance.now() - began);
  journal.event({ e: "phase", name: "collect", at: "end", outcome: "succeeded", ms });
}
