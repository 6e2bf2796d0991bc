import type { SshConnection } from "./connect.ts";
import type { SshExec } from "./exec.ts";

/** boxd's front needs two Node starts; a box that takes longer is asked without a loaded channel. */
const READY_TIMEOUT_MS = 15_000;

/** What a front says on stderr when it waits for its line. */
const READY = "ready\n";

/** A command and the connection it runs over. */
export type Opened = { readonly connection: SshConnection; readonly exec: SshExec };

/** A front that waits for a task's line. */
export type LoadedChannel = {
  /** Takes it out for use; null when there is none that still lives. */
  take(): SshExec | null;
  /** Starts one unless there is one; resolves when it is ready, or when it did not get so. Never rejects. */
  load(open: () => Promise<Opened>): Promise<void>;
  close(): void;
};

/** Keeps one loaded channel. A front that is not ready in time is let go: a wrong guess costs nothing but itself. */
export function createLoadedChannel(): LoadedChannel {
  let loading: Promise<void> | null = null;
  let ready: Opened | null = null;

  const loadOne = async (open: () => Promise<Opened>) => {
    const opened = await open();
    const { exec } = opened;
    const isReady = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
      exec.onStderr(() => {
        if (exec.stderr().endsWith(READY)) resolve(true);
      });
      // Not `exit`: nobody reads this output yet, so it would come when the time is up.
      void exec.whenEnded.then(() => {
        clearTimeout(timer);
        resolve(false);
      });
    });
    if (!isReady) {
      exec.close();
      return;
    }
    ready = opened;
  };
  return {
    take() {
      const opened = ready;
      ready = null;
      return isAlive(opened) ? opened.exec : null;
    },
    load(open) {
      if (isAlive(ready)) return Promise.resolve();
      loading ??= loadOne(open)
        .catch(() => undefined)
        .finally(() => {
          loading = null;
        });
      return loading;
    },
    close() {
      ready?.exec.close();
      ready = null;
    },
  };
}

function isAlive(opened: Opened | null): opened is Opened {
  return opened !== null && opened.connection.open && !opened.exec.ended;
}
