import { createPacer } from "../../app/github/pacer.ts";
import type { Paced, PacedWrite, Pacer } from "../../app/github/pacer.ts";
import type { PacerSettings } from "../../app/github/pacer-lane.ts";
import { QUIET } from "./edge.ts";
import { createManualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";

export const MINUTE_MS = 60_000;

const SETTINGS: PacerSettings = {
  contentPerMinute: 10,
  contentPerHour: 25,
  pointsPerMinute: 100,
  concurrency: 4,
  maxQueued: 100,
};

export type PacedStage = {
  readonly clock: ManualClock;
  readonly pacer: Pacer;
  /** Names of the writes that ran, in order. */
  readonly done: string[];
  readonly write: (name: string, options?: Partial<PacedWrite<string>>) => Promise<Paced<string>>;
};

/** A pacer with small limits on a clock that only moves when told. */
export function openPacedStage(settings: Partial<PacerSettings> = {}): PacedStage {
  const clock = createManualClock();
  const pacer = createPacer({ clock, log: QUIET, settings: { ...SETTINGS, ...settings } });
  const done: string[] = [];
  return {
    clock,
    pacer,
    done,
    write(name, options = {}) {
      const run = async () => {
        done.push(name);
        return name;
      };
      return pacer.write({
        installationId: 1,
        key: null,
        priority: "result",
        content: false,
        run,
        ...options,
      });
    },
  };
}
