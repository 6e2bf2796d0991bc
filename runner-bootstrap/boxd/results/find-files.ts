/** Finds the files of results that a command wrote, without ever following a link. */

import { lstatSync, readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { GlobState } from "./globs.ts";
import { enterFolder, isMeantFile, startGlobs } from "./globs.ts";
import { DEPTH_MAX, FILES_MAX, NAMES_MAX, NOT_ENTERED } from "./places.ts";

export type FoundFile = { readonly path: string; readonly sizeBytes: number };

export type FoundFiles = {
  /** By path, each relative to the tree. */
  readonly files: readonly FoundFile[];
  /** Files that match and were there before the command. */
  readonly older: number;
  /** True when a bound or the signal ended the search. */
  readonly isCut: boolean;
};

/** Folders read before others get a turn. */
const FOLDERS_A_TURN = 50;

/**
 * Regular files of `tree` that match a pattern and changed since `sinceNs` (their ctime: a command can set the other one). Never
 * throws: what cannot be read is not there.
 */
export async function findFiles(
  tree: string,
  patterns: readonly string[],
  sinceNs: bigint,
  signal: AbortSignal,
): Promise<FoundFiles> {
  const files: FoundFile[] = [];
  let older = 0;
  let names = 0;
  let isCut = false;
  let waiting: { readonly folder: string; readonly state: GlobState; readonly depth: number }[] = [
    { folder: "", state: startGlobs(patterns), depth: 0 },
  ];
  const look = (path: string): void => {
    const stat = lstatSync(join(tree, path), { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile() !== true) return;
    if (stat.ctimeNs < sinceNs) older += 1;
    else if (files.length >= FILES_MAX) isCut = true;
    else files.push({ path, sizeBytes: Number(stat.size) });
  };
  // Level by level: what is near the top is found before a bound is reached.
  for (let read = 0; waiting.length > 0 && !isCut;) {
    const next: typeof waiting = [];
    for (const { folder, state, depth } of waiting) {
      if (++read % FOLDERS_A_TURN === 0) await setImmediate();
      for (const entry of entriesOf(join(tree, folder))) {
        names += 1;
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.isFile() && isMeantFile(state, entry.name)) look(path);
        if (!entry.isDirectory()) continue;
        const inside = enterFolder(state, entry.name);
        if (inside.state.length === 0 || (inside.anywhere && NOT_ENTERED.has(entry.name))) continue;
        if (depth < DEPTH_MAX) next.push({ folder: path, state: inside.state, depth: depth + 1 });
      }
      isCut ||= names > NAMES_MAX || signal.aborted;
      if (isCut) break;
    }
    waiting = next;
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), older, isCut };
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Gone meanwhile, or not ours to read.
  }
}
