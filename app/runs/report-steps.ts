import { formatDuration } from "../duration.ts";
import type { Attempt } from "../store/rows.ts";
import type { StepTime } from "./step-time.ts";

/** One row of the table of steps; plain text. */
export type StepRow = {
  readonly n: string;
  readonly name: string;
  readonly result: string;
  readonly duration: string;
};

/** The steps that prepared the box, or those of the whole job that ran; in order, none when it was neither. */
export function stepRows(attempt: Attempt | null): readonly StepRow[] {
  return (attempt?.phases.hydrate?.steps ?? attempt?.phases.execute?.steps ?? []).map((step) => ({
    n: String(step.n),
    name: step.name,
    result: resultOf(step),
    duration: step.ms === undefined ? "" : formatDuration(step.ms),
  }));
}

function resultOf({ outcome, conclusion }: StepTime): string {
  if (outcome === undefined || conclusion === undefined) return "under way";
  return outcome === conclusion ? conclusion : `${outcome}, goes on (${conclusion})`;
}
