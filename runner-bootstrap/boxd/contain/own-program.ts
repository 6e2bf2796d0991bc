/** Programs that boxd puts around those of a task: found by boxd's own PATH, never by one that a step has set. */

import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where the program lies, as an absolute path; the name alone when it is not on boxd's PATH. Never throws. */
export function ownProgram(name: string): string {
  const dirs = (process.env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  return dirs.map((dir) => join(dir, name)).find(isExecutable) ?? name;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not here: the next directory.
  }
}
