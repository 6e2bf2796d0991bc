import { mkdirSync, readFileSync, statSync, watch, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { localPaths, markDestroying, readBoxes } from "./files.ts";
import { endBox } from "./host-end.ts";
import { HOST_LAYOUT, holdLock } from "./host-lock.ts";
import { startHostServer } from "./host-server.ts";
import { removeRemains } from "./remove-tree.ts";

import type { HostServer } from "./host-server.ts";

/** Boxes past their expiry get this long for the App to end them itself. */
const EXPIRY_GRACE_MS = 5 * 60_000;
/** How often expiry and idleness are looked at; a file written by the App wakes at once. */
const ROUND_MS = 5_000;

const clock = { now: () => Date.now(), sleep: (ms: number) => delay(ms) };

/*
 * The host process of the local provider: SSH on loopback for all its boxes, and the one who ends them. It is no child
 * of the App and lives as long as there is a box; it does the work of the dead-man's switch when no App comes back.
 * Arguments: its directory, and how long it waits without a box (ms).
 */
const [dir, idleMs] = readArguments();
await serve();

async function serve(): Promise<void> {
  const paths = localPaths(dir);
  mkdirSync(paths.boxes, { recursive: true, mode: 0o700 });
  let server: HostServer | null = null;
  const inode = statSync(dir).ino;
  // Somebody removed the state, or put another in its place: there is nothing left to serve.
  const endWhenReplaced = () => {
    if (statSync(dir, { throwIfNoEntry: false })?.ino !== inode) process.exit(0);
  };
  const lock = await holdLock(dir, () => {
    endWhenReplaced();
    return { pid: process.pid, port: server?.port ?? null, layout: HOST_LAYOUT };
  });
  // Another one serves: exactly what was wanted.
  if (lock === null) process.exit(0);
  // A disconnecting App or terminal is no reason to end.
  process.on("SIGHUP", () => undefined);
  server = await listen(dir, paths.port);
  writeFileSync(paths.port, String(server.port));
  removeRemains(paths.boxes);
  let wake = Promise.withResolvers<void>();
  watch(paths.boxes, () => wake.resolve());
  const ending = new Map<string, Promise<void>>();
  let busyAt = clock.now();
  for (;;) {
    endWhenReplaced();
    const boxes = readBoxes(dir);
    for (const box of boxes) {
      if (!box.destroying && box.labels.expiresAt + EXPIRY_GRACE_MS < clock.now())
        markDestroying(dir, box.ref);
      if (!box.destroying || box.closed !== null || ending.has(box.ref)) continue;
      server.drop(box.ref);
      const end = endBox(box, clock)
        .catch(async (error: unknown) => {
          process.stderr.write(`${box.ref}: ${String(error)}\n`);
          // Tried again, at the pace of the rounds.
          await delay(ROUND_MS);
        })
        .finally(() => ending.delete(box.ref));
      ending.set(box.ref, end);
    }
    if (boxes.length > 0) busyAt = clock.now();
    // In one step with the look above: who asks the lock after this gets no answer and starts another host.
    if (clock.now() - busyAt > idleMs && readBoxes(dir).length === 0) process.exit(0);
    await Promise.race<unknown>([
      wake.promise,
      delay(Math.min(ROUND_MS, idleMs + 1), undefined, { ref: true }),
      ...ending.values(),
    ]);
    wake = Promise.withResolvers<void>();
  }
}

async function listen(at: string, portFile: string): Promise<HostServer> {
  try {
    // The port it had: addresses the App wrote down stay right.
    return await startHostServer(at, keptPort(portFile));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    return startHostServer(at, 0);
  }
}

function keptPort(file: string): number {
  try {
    const port = Number(readFileSync(file, "utf8"));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    // First start.
    return 0;
  }
}

function readArguments(): [string, number] {
  const [, , at, idle] = process.argv;
  if (at === undefined || idle === undefined) throw new Error("usage: host.ts DIRECTORY IDLE_MS");
  return [at, Number(idle)];
}
