import { readFileSync } from "node:fs";

import { HOST_LAYOUT, askHost } from "./host-lock.ts";

/** A signal ends a host at once; a machine under load takes its time to reap it. */
const END_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

type OldHostDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Directory of the local provider. */
  readonly dir: string;
};

/**
 * Ends a host process that an earlier version of the App left, for it would not find this version's boxes. The boxes and
 * what runs on them live on; the next host goes on with those it was ending. Does nothing where there is none.
 */
export async function endOldHost(deps: OldHostDeps, signal: AbortSignal): Promise<void> {
  const deadline = deps.clock.now() + END_TIMEOUT_MS;
  for (;;) {
    const host = await askHost(deps.dir);
    if (host === null || host.layout >= HOST_LAYOUT || !isHost(host.pid, deps.dir)) return;
    if (deps.clock.now() > deadline) return;
    end(host.pid);
    await deps.clock.sleep(POLL_MS, signal);
  }
}

/** Whoever holds the lock could name any process: only one that was started as the host of this directory is ended. */
function isHost(pid: number, dir: string): boolean {
  try {
    const [, program = "", at] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return program.endsWith("/local/host.ts") && at === dir;
  } catch {
    // Gone by itself.
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // Gone meanwhile, or not ours: the next look at the lock decides.
  }
}
