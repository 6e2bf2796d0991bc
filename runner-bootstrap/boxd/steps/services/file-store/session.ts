/** Each process has a directory of its own for what is half there; one that nobody keeps alive is swept away. */

import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

import { errno } from "../../../once.ts";
import type { Places } from "./places.ts";
import { randomName } from "./places.ts";

export type Session = {
  readonly dir: string;
  /** Removes the directory. Safe to repeat. */
  close(): Promise<void>;
};

/** A process that stands still for longer (stopped, machine asleep) loses its uploads, nothing else. */
export const SESSION_STALE_MS = 15 * 60_000;
const BEAT_MS = 60_000;

/** Sweeps what dead processes left, then makes this one's directory and keeps it fresh until `close`. */
export async function openSession(places: Places): Promise<Session> {
  await sweep(places);
  const dir = join(places.uploads, randomName());
  await mkdir(dir, { mode: 0o700 });
  const beat = setInterval(() => {
    const now = new Date();
    // Swept away meanwhile: the next upload says so.
    utimes(dir, now, now).catch(() => clearInterval(beat));
  }, BEAT_MS);
  beat.unref();
  return {
    dir,
    async close() {
      clearInterval(beat);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The age is the file system's own, so that it holds across containers with one clock and different process ids. */
async function sweep(places: Places): Promise<void> {
  const before = Date.now() - SESSION_STALE_MS;
  for (const parent of [places.uploads, places.trash])
    for (const name of await readdir(parent)) {
      const path = join(parent, name);
      try {
        if (parent === places.trash || (await stat(path)).mtimeMs < before)
          await rm(path, { recursive: true, force: true });
      } catch (error) {
        // Another process removes the same at this moment.
        if (errno(error) !== "ENOENT" && errno(error) !== "ENOTEMPTY") throw error;
      }
    }
}
