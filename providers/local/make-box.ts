import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { boxPaths, localPaths, placeOf } from "./files.ts";

import type { BoxLabels } from "../provider.ts";

/** What the kernel says when a directory is to be moved to where something is. */
const TAKEN: ReadonlySet<unknown> = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR"]);

/**
 * Makes a box in one step, in the lowest place where nothing is: `boxes/1`, `boxes/2`. Answers its directory, or that of
 * the box that has this ref already; that one may have no readable labels.
 */
export function makeBox(
  dir: string,
  ref: string,
  type: string,
  labels: BoxLabels,
  createdAt: number,
): string {
  const { boxes } = localPaths(dir);
  const there = placeOf(dir, ref);
  if (there !== null) return there;
  const staging = join(boxes, `.new-${ref}`);
  rmSync(staging, { recursive: true, force: true });
  const paths = boxPaths(staging);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  const { expiresAt, ...rest } = labels;
  writeFileSync(paths.facts, JSON.stringify({ ref, type, createdAt, ...rest }), { flush: true });
  writeFileSync(paths.expires, String(expiresAt), { flush: true });
  let place = 1;
  // Ends: there are only so many directories.
  while (!moveInto(staging, join(boxes, String(place)))) place += 1;
  return join(boxes, String(place));
}

/** Moves a directory that is not empty to a name; false when anything but an empty directory has it. */
function moveInto(staging: string, at: string): boolean {
  try {
    renameSync(staging, at);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && TAKEN.has(error.code)) return false;
    throw error;
  }
}
