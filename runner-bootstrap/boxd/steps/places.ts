/** Where a job's actions, temporary files and tools lie on a box. */

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { EngineHost } from "./host.ts";

/**
 * Makes the places anew, but for the tools, which stay; with `isKept` all that is there stays. What a container left there as another user, and may not be removed, is moved
 * aside and goes with the slot's next wipe.
 */
export function makePlaces(deps: {
  /** The repository's own place, kept with the box. */
  readonly place: string;
  readonly tools: string;
  readonly home: string;
  readonly tmp: string;
  readonly tree: string;
  readonly isKept?: boolean;
}): EngineHost["places"] {
  if (deps.isKept !== true) clear(deps.place);
  return {
    workspace: deps.tree,
    temp: made(join(deps.place, "temp")),
    toolCache: made(deps.tools),
    home: deps.home,
    actions: made(join(deps.place, "actions")),
    files: made(join(deps.tmp, "steps")),
  };
}

function clear(place: string): void {
  try {
    rmSync(place, { recursive: true, force: true });
  } catch {
    renameSync(place, `${place}.aside-${process.pid}-${Date.now()}`);
  }
}

function made(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
