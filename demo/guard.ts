import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Keeps watch that nothing of the demo outlives it, even when the demo itself is killed. */
export type Guard = {
  /** From now on this process ends with the demo. */
  watch(pid: number): void;
  /** Ends what is watched and still there, then the guard itself. `endBoxes`: local boxes, too. `remove`: the directory, too. */
  finish(how: { readonly endBoxes: boolean; readonly remove: boolean }): Promise<void>;
};

const PROGRAM = join(import.meta.dirname, "guard-main.ts");
const PID_FILE = "guard.pid";
/** The guard gives the App 15 s, and kills for 10 more. */
const EARLIER_WITHIN_MS = 40_000;
const POLL_MS = 100;

/** Where boxes of the demo are: below a directory, and with a Docker daemon. */
export type GuardedBoxes = {
  readonly dir: string;
  readonly docker: { readonly socketPath: string; readonly provider: string } | null;
};

/** What the guard process is told. */
export type GuardMessage =
  | { readonly kind: "watch"; readonly pid: number }
  | {
      readonly kind: "plan";
      readonly dir: string;
      readonly boxes: GuardedBoxes;
      readonly endBoxes: boolean;
      readonly remove: boolean;
    };

/**
 * Starts the guard process for a state directory. When the demo goes without a word, a temporary directory goes too, with its boxes; a
 * kept one stays, and what runs on its boxes goes on until the demo is started again.
 */
export function startGuard(dir: string, boxes: GuardedBoxes, temporary: boolean): Guard {
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const send = (message: GuardMessage): void => {
    if (child.connected) child.send(message);
  };
  send({ kind: "plan", dir, boxes, endBoxes: temporary, remove: temporary });
  if (child.pid !== undefined) writeFileSync(join(dir, PID_FILE), String(child.pid));
  child.unref();
  child.channel?.unref();
  return {
    watch: (pid) => send({ kind: "watch", pid }),
    async finish({ endBoxes, remove }) {
      send({ kind: "plan", dir, boxes, endBoxes, remove });
      child.ref();
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/** Waits until the guard of a demo that was killed has ended what that left on the directory; gives up waiting when it takes too long. */
export async function awaitEarlierGuard(dir: string): Promise<void> {
  const file = join(dir, PID_FILE);
  if (!existsSync(file)) return;
  const pid = readFileSync(file, "utf8");
  for (const until = Date.now() + EARLIER_WITHIN_MS; isGuard(pid) && Date.now() < until;)
    await sleep(POLL_MS);
}

function isGuard(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(PROGRAM);
  } catch {
    // It has ended; or this is no Linux, where the App's own lock tells.
    return false;
  }
}
