/** Files that steps name: opened by this process, which sees more than they do. */

import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";

export type Opened = {
  readonly fd: number;
  /** Null for what is no plain file. */
  readonly sizeBytes: number | null;
  close(): void;
};

/**
 * Opens a file to read if it really lies below one of `places`, links followed. Null otherwise, and also when it is not there or may
 * not be read: which of these, would tell of files that the steps cannot see. A pipe in its place does not hold anything up.
 */
export function openInside(path: string, places: readonly string[]): Opened | null {
  const roots = places.map(real).filter((place) => place !== null);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  // Of what is open, not of the path, which may lead elsewhere by now.
  const at = readlinkSync(`/proc/self/fd/${fd}`);
  if (!roots.some((root) => at.startsWith(`${root}/`))) {
    closeSync(fd);
    return null;
  }
  const stat = fstatSync(fd);
  return { fd, sizeBytes: stat.isFile() ? stat.size : null, close: () => closeSync(fd) };
}

function real(place: string): string | null {
  try {
    return realpathSync(place);
  } catch {
    return null; // Removed by a step: nothing lies there.
  }
}
