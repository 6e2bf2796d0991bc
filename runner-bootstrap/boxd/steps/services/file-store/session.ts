/** Each process has a directory of its own for what is half there; one that nobody keeps alive is swept away. */

import { statSync } from "node:fs";
import { mkdir, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";

import { bury } from "./entry.ts";
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
      await bury(dir);
    },
  };
}

/** The age is the file system's own, so that it holds across containers with one clock and different process ids. */
async function sweep(places: Places): Promise<void> {
  for (const name of await readdir(places.trash)) await bury(join(places.trash, name));
  const before = Date.now() - SESSION_STALE_MS;
  for (const name of await readdir(places.uploads)) {
    const path = join(places.uploads, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status !== undefined && status.mtimeMs < before) await bury(path);
  }
}
