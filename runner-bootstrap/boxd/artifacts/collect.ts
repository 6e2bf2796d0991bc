/** After the command: copies the files that are wanted, and tells of each. */

import { mkdirSync } from "node:fs";

import type { ArtifactEvent, WantedArtifacts } from "../artifact-wire.ts";
import { ARTIFACT_NOTE_MAX } from "../artifact-wire.ts";
import { findArtifacts } from "./find.ts";
import { keepFile } from "./keep-file.ts";
import { createNotes } from "./notes.ts";
import type { ArtifactQuota } from "./quota.ts";
import { eitherOf } from "../either-of.ts";

export type CollectArtifactsDeps = {
  readonly tree: string;
  /** Where the copies go, each under its hash; made when it is missing. */
  readonly into: string;
  readonly wanted: WantedArtifacts;
  /** What steps uploaded has had its part already. */
  readonly quota: ArtifactQuota;
  /** Masks a text. */
  readonly clean: (text: string) => string;
};

/** All of it: half the minute that a lease has behind its task's deadline, and time for results. */
const COLLECT_MAX_MS = 30_000;
const MS_PER_S = 1_000;
/** Half of what may be said: the rest is for the tree's files. */
const UPLOADS_NAMED_MAX = 9;

/**
 * To be called when nothing of the command runs any more. Files in the order of their paths, then one event with what was left out;
 * empty when nothing is wanted and no upload stays behind. Never throws.
 */
export async function collectArtifacts(
  deps: CollectArtifactsDeps,
  stopped: AbortSignal,
): Promise<readonly ArtifactEvent[]> {
  const { tree, into, wanted, quota, clean } = deps;
  const notes = createNotes();
  const events: ArtifactEvent[] = [];
  for (const sentence of quota.left.slice(0, UPLOADS_NAMED_MAX)) notes.add(sentence);
  const unnamed = quota.left.length - UPLOADS_NAMED_MAX;
  if (unnamed > 0) notes.add(`${unnamed} more uploads stay on the box; the log names them.`);
  const before = notes.all().length;
  const told = (): readonly ArtifactEvent[] => {
    const texts = notes.all().map((note) => clean(note).slice(0, ARTIFACT_NOTE_MAX).toWellFormed());
    return [...events, { e: "artifacts", kept: events.length, notes: texts }];
  };
  if (wanted.patterns.length === 0) return quota.left.length === 0 ? [] : told();
  try {
    const signal = eitherOf([stopped, AbortSignal.timeout(COLLECT_MAX_MS)]);
    mkdirSync(into, { recursive: true, mode: 0o700 });
    const { paths, more } = await findArtifacts(tree, wanted.patterns, notes, signal);
    let left = more;
    let isFull = false;
    for (const [at, path] of paths.entries()) {
      if (events.length >= wanted.filesMax || signal.aborted) {
        left += paths.length - at;
        break;
      }
      const bounds = { fileMaxBytes: wanted.fileMaxBytes, leftBytes: quota.leftBytes };
      const kept = await keepFile(tree, path, into, bounds, signal);
      if ("refused" in kept) {
        notes.add(`${path} ${kept.refused}: not kept.`);
        if (kept.isLast !== true) continue;
        left += paths.length - at - 1;
        isFull = !signal.aborted;
        break;
      }
      quota.take(kept.sizeBytes);
      events.push({ e: "artifact", from: "tree", name: clean(path), ...kept });
    }
    if (left > 0 && signal.aborted)
      notes.add(
        `The ${COLLECT_MAX_MS / MS_PER_S} seconds for copying were over: ${left} more files that match are not kept. Name fewer or smaller ones in \`artifacts\`, or have the command pack them into one.`,
      );
    else if (left > 0 && isFull) notes.add(`${left} more files match and were not tried.`);
    else if (left > 0)
      notes.add(`${left} more files match; ${events.length} of at most ${wanted.filesMax} are kept.`);
    if (paths.length === 0 && notes.all().length === before)
      notes.add("No file matches `artifacts` of crabbox.yml.");
  } catch (error) {
    notes.add(`Artifacts could not be collected: ${String(error)}`);
  }
  return told();
}
