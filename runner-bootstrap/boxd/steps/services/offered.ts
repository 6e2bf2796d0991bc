/** Blobs of entries that the App keeps, brought to the box when a step restores one. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { OfferedCache } from "../../cache-wire.ts";

export type OfferedDeps = {
  /** Where the App puts blobs. */
  readonly blobs: string;
  /** Where they are kept until the next hydration. */
  readonly caches: string;
  /** Tells the App, if it is there, that this blob is wanted now. */
  readonly want: (sha256: string) => void;
  /** Aborted when the task is to end. */
  readonly stopped: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** So long nothing may come before the App counts as away; `SILENT_MS` when left out. */
  readonly silentMs?: number;
};

/** An App that is there begins within a second; one that restarts is back within twenty. */
const SILENT_MS = 30_000;
/** A client gives a request up after 3 minutes without an answer (actions/http-client): it hears "not there" before. */
const WAIT_MAX_MS = 150_000;
/** Beside what a transfer takes, nothing. */
const LOOK_MS = 20;

export type Fetcher = {
  /**
   * The path of an offered blob, which is brought here when it is wanted for the first time; undefined when it does not come: the App is
   * away, or has dropped it. Never waits for longer than a client does. Its hash was checked when it was put.
   */
  fetch(entry: OfferedCache): Promise<string | undefined>;
  /** Removes what came after its client had gone. */
  dropLate(): void;
};

/** One for a task; nothing is asked for before it is wanted. */
export function createFetcher(deps: OfferedDeps): Fetcher {
  const coming = new Map<string, Promise<string | undefined>>();
  const asked = new Set<string>();
  return {
    fetch({ sha256 }) {
      const path = join(deps.caches, sha256);
      if (existsSync(path)) return Promise.resolve(path);
      const already = coming.get(sha256);
      if (already !== undefined) return already;
      asked.add(sha256);
      const fetching = arrival(deps, sha256, path).finally(() => coming.delete(sha256));
      coming.set(sha256, fetching);
      return fetching;
    },
    dropLate() {
      for (const sha256 of asked) rmSync(join(deps.blobs, sha256), { force: true });
    },
  };
}

async function arrival(deps: OfferedDeps, sha256: string, path: string): Promise<string | undefined> {
  const { now, silentMs = SILENT_MS } = deps;
  const put = join(deps.blobs, sha256);
  const begunAt = now();
  let heardAt = begunAt;
  let taken = 0;
  deps.want(sha256);
  while (!deps.stopped.aborted) {
    if (existsSync(put)) {
      mkdirSync(deps.caches, { recursive: true, mode: 0o700 });
      renameSync(put, path);
      return path;
    }
    const size = bytesOf(deps.blobs, sha256);
    if (size > taken) heardAt = now();
    taken = Math.max(taken, size);
    if (now() - heardAt > silentMs || now() - begunAt > WAIT_MAX_MS) return undefined;
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** What has come of it: `put-blob` writes beside the blob's own name first. */
function bytesOf(blobs: string, sha256: string): number {
  if (!existsSync(blobs)) return 0;
  const parts = readdirSync(blobs).filter((name) => name.startsWith(`.${sha256}.`));
  return Math.max(
    0,
    ...parts.map((name) => statSync(join(blobs, name), { throwIfNoEntry: false })?.size ?? 0),
  );
}
