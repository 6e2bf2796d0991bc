/** Finds the files of a work tree that are wanted, without entering a link. */

import { readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { GlobState } from "../results/globs.ts";
import { enterFolder, isMeantFile, startGlobs } from "../results/globs.ts";
import { DEPTH_MAX, NAMES_MAX, NOT_ENTERED } from "../results/places.ts";
import type { Notes } from "./notes.ts";
import { isOddName, shownName } from "./odd-names.ts";

/** Paths that are sorted; more are counted. */
const PATHS_MAX = 20_000;
/** Folders read before others get a turn. */
const FOLDERS_A_TURN = 50;

/**
 * Paths of files and links of `tree` that a pattern means, sorted, and how many more there were. What has a kind or a name that is not
 * kept is noted. Never throws: what cannot be read is not there.
 */
export async function findArtifacts(
  tree: string,
  patterns: readonly string[],
  notes: Notes,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly more: number }> {
  const paths: string[] = [];
  let more = 0;
  let names = 0;
  let isCut = false;
  // A folder that is meant is meant with all in it.
  const state = startGlobs(patterns.flatMap((pattern) => [pattern, `${pattern}/**`]));
  let waiting: { readonly folder: string; readonly state: GlobState; readonly depth: number }[] = [
    { folder: "", state, depth: 0 },
  ];
  const meet = (entry: Dirent, path: string): void => {
    if (isOddName(path)) notes.add(`${shownName(path)} has a name that is not kept.`);
    else if (!entry.isFile() && !entry.isSymbolicLink())
      notes.add(`${path} is ${kindOf(entry)}, not a file: not kept.`);
    else if (paths.length < PATHS_MAX) paths.push(path);
    else more += 1;
  };
  // Level by level: what is near the top is found before a bound is reached.
  for (let read = 0; waiting.length > 0 && !isCut;) {
    const next: typeof waiting = [];
    for (const { folder, state: here, depth } of waiting) {
      if (++read % FOLDERS_A_TURN === 0) await setImmediate();
      for (const entry of entriesOf(join(tree, folder))) {
        names += 1;
        if (entry.name.toLowerCase() === ".git") continue;
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (!entry.isDirectory()) {
          if (isMeantFile(here, entry.name)) meet(entry, path);
          continue;
        }
        const inside = enterFolder(here, entry.name);
        if (inside.state.length === 0 || (inside.anywhere && NOT_ENTERED.has(entry.name))) continue;
        if (isOddName(path)) notes.add(`${shownName(path)} has a name that is not kept.`);
        else if (depth < DEPTH_MAX) next.push({ folder: path, state: inside.state, depth: depth + 1 });
        else notes.add(`${shownName(path)} lies too deep: not looked into.`);
      }
      isCut ||= names > NAMES_MAX || signal.aborted;
      if (isCut) break;
    }
    waiting = next;
  }
  if (isCut) notes.add("Not every folder was looked through.");
  return { paths: paths.sort((a, b) => (a < b ? -1 : 1)), more };
}

function kindOf(entry: Dirent): string {
  if (entry.isFIFO()) return "a pipe";
  if (entry.isSocket()) return "a socket";
  return entry.isBlockDevice() || entry.isCharacterDevice() ? "a device" : "something else";
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Gone meanwhile, or not ours to read.
  }
}
