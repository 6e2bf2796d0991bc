import { setTimeout as sleep } from "node:timers/promises";
import type { AppProcess } from "../servers/app-process.ts";

const LOOK_MS = 20;

export type Keeper = {
  /** Times the App ended and was started again. */
  deaths(): number;
  /** True while the App is up and no start is under way. */
  up(): boolean;
  /** Throws when a start failed. */
  check(): void;
  stop(): Promise<void>;
};

/** Starts the App again whenever it ends, as an init system would. */
export function keepAlive(app: AppProcess): Keeper {
  let deaths = 0;
  const stopping = new AbortController();
  let failure: string | null = null;

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted && failure === null) {
      if (!app.running()) {
        const answer = await app.start();
        if (answer === "ended") failure = `the App did not start again:\n${app.log().slice(-4_000)}`;
        deaths += 1;
      }
      await sleep(LOOK_MS);
    }
  }
  const running = loop();

  return {
    deaths: () => deaths,
    up: () => app.running(),
    check() {
      if (failure !== null) throw new Error(failure);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
