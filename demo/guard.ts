import { spawn } from "node:child_process";
import { join } from "node:path";

/** Keeps watch that nothing of the demo outlives it, even when the demo itself is killed. */
export type Guard = {
  /** From now on this process ends with the demo. */
  watch(pid: number): void;
  /** Ends what is watched and still there, then the guard itself. `endBoxes`: local boxes, too. `remove`: the directory, too. */
  finish(how: { readonly endBoxes: boolean; readonly remove: boolean }): Promise<void>;
};

/** What the guard process is told. */
export type GuardMessage =
  | { readonly kind: "watch"; readonly pid: number }
  | {
      readonly kind: "plan";
      readonly dir: string;
      readonly boxesDir: string;
      readonly endBoxes: boolean;
      readonly remove: boolean;
    };

/**
 * Starts the guard process for a state directory. When the demo goes without a word, a temporary directory goes too, with its boxes; a
 * kept one stays, and what runs on its boxes goes on until the demo is started again.
 */
export function startGuard(dir: string, boxesDir: string, temporary: boolean): Guard {
  const child = spawn(process.execPath, [join(import.meta.dirname, "guard-main.ts")], {
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
  send({ kind: "plan", dir, boxesDir, endBoxes: temporary, remove: temporary });
  child.unref();
  child.channel?.unref();
  return {
    watch: (pid) => send({ kind: "watch", pid }),
    async finish({ endBoxes, remove }) {
      send({ kind: "plan", dir, boxesDir, endBoxes, remove });
      child.ref();
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
