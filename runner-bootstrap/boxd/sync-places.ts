/** What a sandbox shows of a repository beside its work tree. */

import { existsSync } from "node:fs";

import type { Layout } from "./layout.ts";
import { gitDirOf, stepsPlace, toolsPlace } from "./layout.ts";
import type { SyncPhase } from "./task.ts";

/** Where the objects lie that the work tree's `.git`, and those of its submodules, borrow. */
export function borrowedBy(layout: Layout, sync: SyncPhase): string[] {
  const gitDir = gitDirOf(layout, sync.owner, sync.repo);
  return [gitDir, `${gitDir}-modules`];
}

/** What the repository's hydration left, where there is one. */
export function hydratedPlaces(layout: Layout, sync: SyncPhase | undefined): string[] {
  if (sync === undefined) return [];
  return [stepsPlace(layout, sync.owner, sync.repo), toolsPlace(layout)].filter((path) => existsSync(path));
}
