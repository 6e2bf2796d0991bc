import { readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** Longer than any use of an entry takes (a fetch or an unpacking of 3 minutes); what is younger may be in use. */
const IN_USE_MS = 15 * 60_000;
/** Beginnings and ends that a process which died has left: `SHA.git.part-XXXX`, `SHA.git.bad-XXXX`. */
const LEFT_OVER = /\.(?:part|bad)-[0-9a-f]+$/u;

/** Says that an entry is used now, epoch ms. One that is gone meanwhile is nobody's concern. */
export function touch(path: string, now: number): void {
  try {
    utimesSync(path, now / 1_000, now / 1_000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * Removes what dead processes left below `dir/OWNER/NAME`, and the least recently used entries until the others have at most `maxBytes`.
 * What was used in the last quarter of an hour stays. Safe for several processes at once.
 */
export function keepRecent(dir: string, maxBytes: number, now: number): void {
  const all = folders(dir)
    .flatMap((owner) => folders(owner))
    .flatMap((name) => folders(name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now }))
    .sort((a, b) => b.at - a.at);
  let total = 0;
  for (const { path, at } of all) {
    const isLeftOver = LEFT_OVER.test(path);
    total += isLeftOver ? 0 : bytesBelow(path);
    if (now - at > IN_USE_MS && (isLeftOver || total > maxBytes)) remove(path);
  }
}

function remove(path: string): void {
  // Under its own name it is whole or not there.
  const away = LEFT_OVER.test(path) ? path : `${path}.bad-${process.pid.toString(16)}`;
  try {
    if (away !== path) renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  rmSync(away, { recursive: true, force: true });
}

function folders(dir: string): readonly string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(dir, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  }
}

function bytesBelow(dir: string): number {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  return names.reduce(
    (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
