import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, chmodSync, rmSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";

/** Removes a directory whatever modes its inside has (module caches are read-only). Gone from its name first; safe to repeat. */
export function removeTree(path: string): void {
  const doomed = join(dirname(path), `.gone-${randomUUID()}`);
  try {
    renameSync(path, doomed);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  removeDoomed(doomed);
}

/** Removes what an earlier `removeTree` left when its process died. */
export function removeRemains(parent: string): void {
  for (const name of readdirSync(parent)) if (name.startsWith(".gone-")) removeDoomed(join(parent, name));
}

function removeDoomed(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // A directory that may not be written keeps its entries: open all of them, then try once more, loudly.
    openDirectories(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function openDirectories(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openDirectories(join(path, name));
}
