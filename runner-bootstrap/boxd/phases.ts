/** The frame around each phase: its events, its duration, its failure. */

import type { Journal } from "./journal.ts";
import type { Stop } from "./stop.ts";
import type { PhaseName, TaskExit } from "./task.ts";

/** What a phase leaves: nothing more to do after a failure, and what it adds to the exit record. */
export type PhaseResult = {
  readonly failed?: boolean;
  readonly exit?: Partial<TaskExit>;
  /** Said in the phase's end event. */
  readonly detail?: string;
};

export type Phases = { run(name: PhaseName, work: () => Promise<PhaseResult>): Promise<PhaseResult> };

/** Phases of a task that was stopped before they begin do not run. */
export function createPhases(journal: Journal, stop: Stop): Phases {
  return {
    async run(name, work) {
      if (stop.reason !== undefined) return { failed: true };
      journal.event({ e: "phase", name, at: "begin" });
      const began = performance.now();
      const end = (result: PhaseResult): PhaseResult => {
        const outcome = result.failed === true ? "failed" : "succeeded";
        journal.event({
          e: "phase",
          name,
          at: "end",
          outcome,
          ms: Math.round(performance.now() - began),
          ...(result.detail === undefined ? {} : { detail: result.detail }),
        });
        return result;
      };
      try {
        return end(await work());
      } catch (error) {
        end({ failed: true, detail: String(error) });
        throw error;
      }
    },
  };
}
